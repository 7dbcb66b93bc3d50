/**
 * A configuration profile for Apple Mail (payload type com.apple.mail.managed).
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Endpoint } from "./smtp_settings.ts";
import { xmlText } from "./xml.ts";

/** The values in a profile. */
export interface AppleProfile {
  readonly host: string;
  readonly endpoint: Endpoint;
  readonly username: string;
  readonly mailbox: string;
  readonly displayName: string;
  /** The app password. Absent: the device asks for it. */
  readonly password?: string;
}

type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value };

/** Returns the profile as a property list, not signed. */
export function appleProfile(profile: AppleProfile): string {
  const { host, mailbox } = profile;
  const identifier = `smtp-oauth2-proxy.${host}.${mailbox}`;
  return plist({
    PayloadType: "Configuration",
    PayloadVersion: 1,
    PayloadIdentifier: identifier,
    PayloadUUID: uuidOf(identifier),
    PayloadDisplayName: `Mail of ${mailbox}`,
    PayloadDescription: `Sends mail of ${mailbox} through ${host}.`,
    PayloadContent: [mailPayload(profile, `${identifier}.mail`)],
  });
}

/** Microsoft lets Apple Mail read only through its own sign-in, so the incoming side is there for the form's sake. */
function mailPayload(
  { host, endpoint, username, mailbox, displayName, password }: AppleProfile,
  identifier: string,
): Value {
  return {
    PayloadType: "com.apple.mail.managed",
    PayloadVersion: 1,
    PayloadIdentifier: identifier,
    PayloadUUID: uuidOf(identifier),
    PayloadDisplayName: `Mail of ${mailbox}`,
    EmailAccountType: "EmailTypeIMAP",
    EmailAccountDescription: `${mailbox} (sending)`,
    EmailAccountName: displayName,
    EmailAddress: mailbox,
    IncomingMailServerAuthentication: "EmailAuthNone",
    IncomingMailServerHostName: "outlook.office365.com",
    IncomingMailServerPortNumber: 993,
    IncomingMailServerUseSSL: true,
    IncomingMailServerUsername: mailbox,
    OutgoingMailServerAuthentication: "EmailAuthPassword",
    OutgoingMailServerHostName: host,
    OutgoingMailServerPortNumber: endpoint.port,
    OutgoingMailServerUseSSL: endpoint.encryption !== "none",
    OutgoingMailServerUsername: username,
    ...password === undefined ? {} : { OutgoingPassword: password },
    OutgoingPasswordSameAsIncomingPassword: false,
  };
}

/** The same for the same content, so that a profile that is installed again replaces itself (RFC 9562 section 5.8). */
function uuidOf(name: string): string {
  const octets = createHash("sha256").update(name).digest().subarray(0, 16);
  octets[6] = octets[6]! & 0x0f | 0x80;
  octets[8] = octets[8]! & 0x3f | 0x80;
  return octets.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-").toUpperCase();
}

function plist(value: Value): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
${element(value)}
</plist>
`;
}

function element(value: Value): string {
  if (typeof value === "boolean") return value ? "<true/>" : "<false/>";
  if (typeof value === "number") return `<integer>${value}</integer>`;
  if (typeof value === "string") return `<string>${xmlText(value)}</string>`;
  if (isList(value)) return `<array>\n${value.map(element).join("\n")}\n</array>`;
  const entries = Object.entries(value)
    .map(([key, child]) => `<key>${xmlText(key)}</key>\n${element(child)}`);
  return `<dict>\n${entries.join("\n")}\n</dict>`;
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

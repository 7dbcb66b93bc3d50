/**
 * Thunderbird's automatic configuration (config-v1.1.xml).
 *
 * @module
 */
import type { Encryption, Endpoint } from "./smtp_settings.ts";
import { xmlText } from "./xml.ts";

const SOCKET_TYPE: Readonly<Record<Encryption, string>> = {
  STARTTLS: "STARTTLS",
  TLS: "SSL",
  none: "plain",
};

/** The outgoing login of one person. */
export interface AutoconfigLogin {
  readonly mailbox: string;
  readonly username: string;
  readonly password: string;
}

/**
 * Returns the settings for every mailbox: reading at Microsoft, which Thunderbird can sign in to by itself, and sending here.
 *
 * @param endpoints In the order in which they are to be tried.
 * @param login Present: the settings are for this person alone, with the password.
 */
export function autoconfigXml(
  host: string,
  endpoints: readonly Endpoint[],
  login?: AutoconfigLogin,
): string {
  const domain = login ? login.mailbox.slice(login.mailbox.lastIndexOf("@") + 1) : "%EMAILDOMAIN%";
  return `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="${xmlText(host)}">
    <domain>${xmlText(domain)}</domain>
    <displayName>Microsoft mail, sent through ${xmlText(host)}</displayName>
    <displayShortName>${xmlText(host)}</displayShortName>
    <!-- The user name for sending is the mail address, or the sign-in name at Microsoft where it differs. -->
    <incomingServer type="imap">
      <hostname>outlook.office365.com</hostname>
      <port>993</port>
      <socketType>SSL</socketType>
      <authentication>OAuth2</authentication>
      <username>%EMAILADDRESS%</username>
    </incomingServer>
${endpoints.map((endpoint) => outgoingServer(host, endpoint, login)).join("\n")}
  </emailProvider>
</clientConfig>
`;
}

function outgoingServer(
  host: string,
  { port, encryption }: Endpoint,
  login: AutoconfigLogin | undefined,
): string {
  const password = login ? `\n      <password>${xmlText(login.password)}</password>` : "";
  return `    <outgoingServer type="smtp">
      <hostname>${xmlText(host)}</hostname>
      <port>${port}</port>
      <socketType>${SOCKET_TYPE[encryption]}</socketType>
      <authentication>password-cleartext</authentication>
      <username>${xmlText(login?.username ?? "%EMAILADDRESS%")}</username>${password}
    </outgoingServer>`;
}

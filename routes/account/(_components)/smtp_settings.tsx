import type { ComponentChildren } from "preact";
import { Copyable } from "../../../islands/copy_button.tsx";
import {
  ENCRYPTION_NAME,
  type Endpoint,
  type OfferedPort,
  portsOf,
} from "../../../lib/guides/mod.ts";
import type { AccountRecord } from "../../../lib/store/mod.ts";
import type { SmtpData } from "./account_data.ts";
import { AuthorityNotice } from "../../(_components)/authority_notice.tsx";
import { Row } from "../../(_components)/row.tsx";

/** The values of the settings. */
type SettingsSource = Pick<SmtpData, "host" | "endpoints" | "account">;

/** A setting to enter in a mail client. */
interface Setting {
  readonly label: string;
  readonly value: string | number;
  /** Id and name of a value that is typed, not chosen. */
  readonly copied?: readonly [id: string, name: string];
}

/** Returns the settings of everybody, with the recommended port. */
export function settingsOf({ host, endpoints, account }: SettingsSource): readonly Setting[] {
  const [recommended] = portsOf(endpoints);
  return [
    { label: "Server", value: host, copied: ["smtp-host", "server name"] },
    ...recommended
      ? [
        {
          label: "Port",
          value: recommended.port,
          copied: [`smtp-port-${recommended.port}`, "port"] as const,
        },
        { label: "Encryption", value: encryptionText(recommended) },
      ]
      : [],
    { label: "User name", value: account.email, copied: ["smtp-username", "user name"] },
  ];
}

/** Returns the other names that an account can log in with. */
function otherNames({ email, signInName, shortName }: AccountRecord): readonly Setting[] {
  return [
    ...signInName === email ? [] : [{
      label: "or, as well",
      value: signInName,
      copied: ["smtp-sign-in-name", "sign-in name"] as const,
    }],
    ...shortName
      ? [{
        label: "or, shorter",
        value: shortName,
        copied: ["smtp-short-username", "short user name"] as const,
      }]
      : [],
  ];
}

/** The settings as lines of text, to be copied or printed. */
export function settingsText(source: SettingsSource, password: string): string {
  const settings = [...settingsOf(source), { label: "Password", value: password }];
  return settings.map(({ label, value }) => `${label}: ${value}`).join("\n");
}

interface SmtpSettingsProps {
  readonly data: SmtpData;
  /** The row of the password. */
  readonly children: ComponentChildren;
}

/** The settings for a mail client: the recommended port, then the others. */
export function SmtpSettings({ data, children }: SmtpSettingsProps) {
  const [, ...others] = portsOf(data.endpoints);
  return (
    <>
      <dl class="settings">
        {[...settingsOf(data), ...otherNames(data.account)].map(({ label, value, copied }) => (
          <Row key={label} label={label}>
            {copied ? <Copyable id={copied[0]} label={copied[1]} value={value} /> : value}
          </Row>
        ))}
        {children}
      </dl>
      {data.authorityPath !== undefined && <AuthorityNotice path={data.authorityPath} />}
      {others.length > 0 && <OtherPorts ports={others} />}
    </>
  );
}

function OtherPorts({ ports }: { ports: readonly OfferedPort[] }) {
  return (
    <details>
      <summary>Other ports</summary>
      <dl class="settings compact">
        {ports.map((offered) => (
          <Row key={offered.port} label={encryptionText(offered)}>
            <Copyable
              id={`smtp-port-${offered.port}`}
              label={`port ${offered.port}`}
              value={offered.port}
            />
          </Row>
        ))}
      </dl>
    </details>
  );
}

/** The protection that a port offers, in the words of mail programs. */
export function encryptionText(port: OfferedPort): string {
  return port.encryptions.includes("none")
    ? "No encryption (trusted networks only)"
    : encryptionNames(port);
}

function encryptionNames({ encryptions }: OfferedPort): string {
  return encryptions.map((encryption) => ENCRYPTION_NAME[encryption]).join(" or ");
}

/** The protected ports in words, for a status line: "587 (STARTTLS), 465 (SSL/TLS)". */
export function portsText(endpoints: readonly Endpoint[]): string {
  const isSafe = ({ encryption }: Endpoint) => encryption !== "none";
  const shown = endpoints.some(isSafe) ? endpoints.filter(isSafe) : endpoints;
  return portsOf(shown).map((port) => `${port.port} (${encryptionNames(port)})`).join(", ");
}

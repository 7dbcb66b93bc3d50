import type { ComponentChildren } from "preact";
import {
  type Encryption,
  type Endpoint,
  type OfferedPort,
  portsOf,
} from "../../../lib/guides/mod.ts";
import type { SmtpData } from "./account_data.ts";
import { AuthorityNotice } from "../../(_components)/authority_notice.tsx";
import { Copyable } from "../../(_components)/copyable.tsx";
import { Row } from "../../(_components)/row.tsx";

/** The words of mail programs. */
const ENCRYPTION_TEXT: Readonly<Record<Encryption, string>> = {
  STARTTLS: "STARTTLS",
  TLS: "SSL/TLS",
  none: "none",
};

interface SmtpSettingsProps {
  readonly data: SmtpData;
  /** The row of the password. */
  readonly children: ComponentChildren;
}

/** The settings for a mail client: the recommended port, then the others. */
export function SmtpSettings({ data, children }: SmtpSettingsProps) {
  const [recommended, ...others] = portsOf(data.endpoints);
  return (
    <>
      <dl class="settings">
        <Row label="Server">
          <Copyable id="smtp-host" label="server name">{data.host}</Copyable>
        </Row>
        {recommended && (
          <>
            <Row label="Port">
              <Copyable id={`smtp-port-${recommended.port}`} label="port">
                {recommended.port}
              </Copyable>
            </Row>
            <Row label="Encryption">{encryptionText(recommended)}</Row>
          </>
        )}
        <Row label="User name">
          <Copyable id="smtp-username" label="user name">{data.account.email}</Copyable>
        </Row>
        {data.account.signInName !== data.account.email && (
          <Row label="or, as well">
            <Copyable id="smtp-sign-in-name" label="sign-in name">
              {data.account.signInName}
            </Copyable>
          </Row>
        )}
        {data.account.shortName && (
          <Row label="or, shorter">
            <Copyable id="smtp-short-username" label="short user name">
              {data.account.shortName}
            </Copyable>
          </Row>
        )}
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
            <Copyable id={`smtp-port-${offered.port}`} label={`port ${offered.port}`}>
              {offered.port}
            </Copyable>
          </Row>
        ))}
      </dl>
    </details>
  );
}

/** The protection that a port offers, in the words of mail programs. */
export function encryptionText({ encryptions }: OfferedPort): string {
  const text = encryptions.map((encryption) => ENCRYPTION_TEXT[encryption]).join(" or ");
  return encryptions.includes("none") ? "No encryption (trusted networks only)" : text;
}

/** The settings as lines of text, to be copied or printed. */
export function settingsText(
  { host, endpoints, account }: Pick<SmtpData, "host" | "endpoints" | "account">,
  password: string,
): string {
  const [recommended] = portsOf(endpoints);
  return [
    `Server: ${host}`,
    ...recommended
      ? [`Port: ${recommended.port}`, `Encryption: ${encryptionText(recommended)}`]
      : [],
    `User name: ${account.email}`,
    `Password: ${password}`,
  ].join("\n");
}

/** The protected ports in words, for a status line: "587 (STARTTLS), 465 (SSL/TLS)". */
export function portsText(endpoints: readonly Endpoint[]): string {
  const isSafe = ({ encryption }: Endpoint) => encryption !== "none";
  const shown = endpoints.some(isSafe) ? endpoints.filter(isSafe) : endpoints;
  return portsOf(shown).map(({ port, encryptions }) =>
    `${port} (${encryptions.map((encryption) => ENCRYPTION_TEXT[encryption]).join(" or ")})`
  ).join(", ");
}

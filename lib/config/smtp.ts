import {
  type AddressMatcher,
  type PoolLimits,
  PORT_KINDS,
  type PortKind,
  type ServerLimits,
  type SessionLimits,
} from "../../smtp/mod.ts";
import type { CertificateSource } from "./automatic_certificate.ts";
import { type CertificateFiles, parseCertificateFiles } from "./certificate.ts";
import {
  ALL_ADDRESSES,
  HOST,
  parseListenHosts,
  parsePorts,
  PRIVATE_ADDRESSES,
  smtpName,
  unique,
} from "./network.ts";
import type { SettingsReader } from "./reader.ts";
import type { SettingName } from "./settings/table.ts";

/** Listening ports by kind. At least one is given, none twice. */
type SmtpPorts = Readonly<Record<PortKind, readonly number[]>>;

/** The client-facing SMTP server. */
export interface SmtpConfig {
  /** IP addresses or host names to listen on; all addresses are `0.0.0.0` and `::`, each for its own family. */
  readonly hosts: readonly string[];
  readonly ports: SmtpPorts;
  /** How long an auto port waits for a TLS handshake before it greets. */
  readonly inspectionDelayMs: number;
  /** Present whenever a port needs it. */
  readonly certificate?: CertificateFiles;
  /** Whether clients have to be told to trust the authority of the certificate, since it is our own. */
  readonly ownAuthority: boolean;
  /** The clients that plain ports serve: in a local network, none from elsewhere. Absent: all. */
  readonly plainClients?: AddressMatcher;
  /** The name or address that clients connect to. */
  readonly publicHost: string;
  /** Ports shown to users for implicit TLS. */
  readonly publicTlsPorts: readonly number[];
  /** Ports shown to users for STARTTLS. */
  readonly publicStartTlsPorts: readonly number[];
  /** Our name in the greeting and in EHLO: a domain or an address literal (RFC 5321 section 4.1.3). */
  readonly greetingName: string;
  /** The PROXY header of trusted proxies: not read, optional or required. */
  readonly proxyProtocol: "off" | "optional" | "required";
  readonly sessionLimits: SessionLimits;
  readonly limits: ServerLimits;
  /** How long a shutdown waits for messages in progress. */
  readonly shutdownGraceSeconds: number;
}

/** The variable of each kind of port. */
export const PORT_SETTINGS = {
  plain: "SMTP_PORT",
  tls: "SMTP_TLS_PORT",
  starttls: "SMTP_STARTTLS_PORT",
  auto: "SMTP_AUTOTLS_PORT",
} as const satisfies Record<PortKind, SettingName>;

/** Where users expect a service behind a proxy that terminates TLS (RFC 8314 section 3.3, RFC 6409). */
const IMPLICIT_TLS_PORT = 465;
const SUBMISSION_PORT = 587;

/** Parses the settings of the client-facing server. @param automatic The files of an automatic certificate from a source. */
export function parseSmtp(
  settings: SettingsReader,
  source?: CertificateSource,
  automatic?: CertificateFiles,
): SmtpConfig {
  const ports = parseSmtpPorts(settings);
  const certificate = parseSmtpCertificate(settings, ports, automatic);
  const proxyProtocol = settings.choice("SMTP_PROXY_PROTOCOL");
  const publicHost = settings.required("SMTP_PUBLIC_HOST");
  if (publicHost) settings.check("SMTP_PUBLIC_HOST", HOST, publicHost);
  return {
    hosts: parseListenHosts(settings, "SMTP_HOST", ALL_ADDRESSES),
    ports,
    inspectionDelayMs: settings.integer("SMTP_PROTOCOL_INSPECTION_DELAY_MS"),
    certificate,
    plainClients: source === "own-ca" && proxyProtocol === "off" ? PRIVATE_ADDRESSES : undefined,
    ownAuthority: source === "own-ca" && certificate !== undefined && certificate === automatic,
    publicHost,
    publicTlsPorts: parsePublicPorts(
      settings,
      "SMTP_PUBLIC_TLS_PORT",
      defaultPublicPorts(ports, "tls", IMPLICIT_TLS_PORT),
    ),
    publicStartTlsPorts: parsePublicPorts(
      settings,
      "SMTP_PUBLIC_STARTTLS_PORT",
      defaultPublicPorts(ports, "starttls", SUBMISSION_PORT),
    ),
    greetingName: parseGreetingName(settings, publicHost),
    proxyProtocol,
    sessionLimits: {
      messageSizeOctets: settings.integer("SMTP_MAX_MESSAGE_SIZE"),
      recipientCount: settings.integer("SMTP_MAX_RECIPIENTS"),
      idleTimeoutSeconds: settings.integer("SMTP_IDLE_TIMEOUT_S"),
    },
    limits: {
      connectionCount: settings.integer("SMTP_MAX_CONNECTIONS"),
      connectionCountPerAddress: settings.integer("SMTP_MAX_CONNECTIONS_PER_ADDRESS"),
    },
    shutdownGraceSeconds: settings.integer("SMTP_SHUTDOWN_GRACE_S"),
  };
}

/** Parses the limits of connections to the submission server. */
export function parseUpstream(settings: SettingsReader): PoolLimits {
  return { connectionsPerMailbox: settings.integer("UPSTREAM_MAX_CONNECTIONS_PER_MAILBOX") };
}

function parseSmtpPorts(settings: SettingsReader): SmtpPorts {
  if (Object.values(PORT_SETTINGS).every((name) => settings.list(name).length === 0)) {
    settings.problem(
      "SMTP_TLS_PORT",
      "there is no SMTP port.",
      `Set at least one of ${Object.values(PORT_SETTINGS).join(", ")}.`,
    );
  }
  const parse = (kind: PortKind) => parsePorts(settings, PORT_SETTINGS[kind]);
  return {
    plain: parse("plain"),
    tls: parse("tls"),
    starttls: parse("starttls"),
    auto: parse("auto"),
  };
}

function parseSmtpCertificate(
  settings: SettingsReader,
  ports: SmtpPorts,
  automatic: CertificateFiles | undefined,
) {
  const user = PORT_KINDS.find((kind) => kind !== "plain" && ports[kind].length > 0);
  const needed = user && !automatic ? `${PORT_SETTINGS[user]} is set` : undefined;
  return parseCertificateFiles(settings, "SMTP_KEY_FILE", "SMTP_CERT_FILE", needed) ??
    (user && automatic);
}

/** Returns the ports that users are told by default; without any TLS here, that of a proxy in front. */
function defaultPublicPorts(ports: SmtpPorts, kind: PortKind, behindProxy: number) {
  const plainOnly = PORT_KINDS.every((each) => (each === "plain") === (ports[each].length > 0));
  return plainOnly ? [behindProxy] : unique([...ports[kind], ...ports.auto]);
}

function parsePublicPorts(
  settings: SettingsReader,
  name: SettingName,
  fallback: readonly number[],
): readonly number[] {
  return settings.raw(name) === undefined ? fallback : unique(parsePorts(settings, name));
}

function parseGreetingName(settings: SettingsReader, publicHost: string): string {
  const name = settings.text("SMTP_GREETING_NAME") ?? publicHost;
  const host = name.replace(/^\[(?:IPv6:)?(.*)\]$/i, "$1");
  if (name !== publicHost) settings.check("SMTP_GREETING_NAME", HOST, host);
  return smtpName(host);
}

import {
  type AddressMatcher,
  addressMatcher,
  isWithin,
  type PoolLimits,
  PORT_KINDS,
  type PortKind,
  type ServerLimits,
  type SessionLimits,
} from "../../smtp/mod.ts";
import type { AutomaticSource } from "./automatic_certificate.ts";
import { type CertificateFiles, parseCertificateFiles } from "./certificate.ts";
import {
  ALL_ADDRESSES,
  HOST,
  hostFormat,
  IMPLICIT_TLS_PORT,
  parseListenHosts,
  parsePorts,
  parseRange,
  PRIVATE_ADDRESSES,
  PRIVATE_RANGES,
  RANGE,
  smtpName,
  unique,
} from "./network.ts";
import { parseList } from "./list_syntax.ts";
import type { Environment, Problem, SettingsReader } from "./reader.ts";
import type { SettingName } from "./settings/table.ts";

/** Listening ports by kind. At least one is given, none twice. */
type SmtpPorts = Readonly<Record<PortKind, readonly number[]>>;

/** The client-facing SMTP server. */
export interface SmtpConfig {
  /** IP addresses or host names to listen on; all addresses are `0.0.0.0` and `::`, each for its own family. */
  readonly hosts: readonly string[];
  readonly ports: SmtpPorts;
  /** How long an auto port waits for a TLS handshake before it sends the greeting. */
  readonly inspectionDelayMs: number;
  /** Present if a port needs it. */
  readonly certificate?: CertificateFiles;
  /** Whether the certificate comes from our own authority, which clients have to be told to trust. */
  readonly ownAuthority: boolean;
  /** The clients that plain ports serve: with an authority of our own, only those of private networks. Absent: all. */
  readonly plainClients?: AddressMatcher;
  /** The name or address that clients connect to. */
  readonly publicHost: string;
  /** Ports shown to users for implicit TLS. */
  readonly publicTlsPorts: readonly number[];
  /** Ports shown to users for STARTTLS. */
  readonly publicStartTlsPorts: readonly number[];
  /** Path of the private certificate authority that clients have to trust. */
  readonly publicCaFile?: string;
  /** Our name in the greeting and in EHLO: a domain or an address literal (RFC 5321 section 4.1.3). */
  readonly greetingName: string;
  /** The way of dealing with headers that a message lacks. */
  readonly missingHeaders: "add" | "leave";
  /** The networks in which a client's address may stand for a login. */
  readonly loginNetworks: AddressMatcher;
  /** The PROXY header of trusted proxies: not expected, optional or required. */
  readonly proxyProtocol: "off" | "optional" | "required";
  /** Whether other replicas on this machine listen on the same ports. */
  readonly reusePort: boolean;
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

/** Parses the settings of the client-facing server. */
export function parseSmtp(settings: SettingsReader, automatic?: AutomaticSource): SmtpConfig {
  const ports = parseSmtpPorts(settings);
  const certificate = parseSmtpCertificate(settings, ports, automatic?.files);
  const hasOwnCa = automatic?.kind === "own-ca";
  const proxyProtocol = settings.choice("SMTP_PROXY_PROTOCOL");
  const publicHost = settings.required("SMTP_PUBLIC_HOST");
  if (publicHost) settings.check("SMTP_PUBLIC_HOST", hostFormat(publicHost), publicHost);
  return {
    hosts: parseListenHosts(settings, "SMTP_HOST", ALL_ADDRESSES),
    ports,
    inspectionDelayMs: settings.integer("SMTP_PROTOCOL_INSPECTION_DELAY_MS"),
    certificate,
    plainClients: hasOwnCa && proxyProtocol === "off" ? PRIVATE_ADDRESSES : undefined,
    ownAuthority: hasOwnCa && certificate === automatic.files,
    publicHost,
    ...parsePublicPorts(settings, ports),
    publicCaFile: settings.text("SMTP_PUBLIC_CA_FILE"),
    greetingName: parseGreetingName(settings, publicHost),
    missingHeaders: settings.choice("SMTP_MISSING_HEADERS"),
    loginNetworks: parseLoginNetworks(settings),
    proxyProtocol,
    reusePort: settings.flag("SMTP_REUSE_PORT", false),
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

/** The word that allows networks that are not private. */
const PUBLIC = "public";

function parseLoginNetworks(settings: SettingsReader): AddressMatcher {
  const name = "SMTP_LOGIN_BY_ADDRESS";
  const entries = settings.entries(name, parseList);
  const named = entries.filter((entry) => entry.toLowerCase() !== PUBLIC);
  settings.check(name, RANGE, ...named);
  const ranges = named.flatMap((entry) => parseRange(entry) ?? []);
  if (named.length < entries.length) return addressMatcher(ranges);
  for (const range of ranges) {
    if (isWithin(range, PRIVATE_RANGES)) continue;
    settings.problem(
      name,
      `${range} is not a private network: anyone who has such an address could send.`,
      `Name private networks such as 192.168.1.0/24. If you really mean it, add the word ${PUBLIC} to the list.`,
    );
  }
  return addressMatcher(ranges);
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

/**
 * Parses the ports that are shown to users. A proxy in front can add TLS to a plain port, but not STARTTLS: a STARTTLS port is
 * shown only if the program has one.
 */
function parsePublicPorts(
  settings: SettingsReader,
  { plain, tls, starttls, auto }: SmtpPorts,
): Pick<SmtpConfig, "publicTlsPorts" | "publicStartTlsPorts"> {
  const ownTls = unique([...tls, ...auto]);
  const ownStartTls = unique([...starttls, ...auto]);
  const behindProxy = ownTls.length + ownStartTls.length === 0;
  const toldTls = publicPorts(
    settings,
    "SMTP_PUBLIC_TLS_PORT",
    behindProxy ? [IMPLICIT_TLS_PORT] : ownTls,
  );
  const toldStartTls = publicPorts(settings, "SMTP_PUBLIC_STARTTLS_PORT", ownStartTls);
  return {
    publicTlsPorts: plain.length + ownTls.length > 0 ? toldTls : [],
    publicStartTlsPorts: ownStartTls.length > 0 ? toldStartTls : [],
  };
}

function publicPorts(
  settings: SettingsReader,
  name: SettingName,
  fallback: readonly number[],
): readonly number[] {
  return settings.raw(name) === undefined ? fallback : unique(parsePorts(settings, name));
}

/** Returns a warning for each setting of public ports that cannot work, since the program opens no port for them. */
export function untruePublicPorts(env: Environment, smtp: SmtpConfig): Problem[] {
  const told = [
    ["SMTP_PUBLIC_TLS_PORT", smtp.publicTlsPorts, "SMTP_TLS_PORT or SMTP_PORT"],
    ["SMTP_PUBLIC_STARTTLS_PORT", smtp.publicStartTlsPorts, "SMTP_STARTTLS_PORT"],
  ] as const;
  return told.filter(([name, ports]) => env[name]?.trim() && ports.length === 0)
    .map(([variable, , needed]) => ({
      variable,
      message:
        "The ports in it are not shown to users: there is no port of the program behind them.",
      remedy: `Set ${needed} or SMTP_AUTOTLS_PORT, or remove it.`,
    }));
}

function parseGreetingName(settings: SettingsReader, publicHost: string): string {
  const name = settings.text("SMTP_GREETING_NAME") ?? publicHost;
  const host = name.replace(/^\[(?:IPv6:)?(.*)\]$/i, "$1");
  if (name !== publicHost) settings.check("SMTP_GREETING_NAME", HOST, host);
  return smtpName(host);
}

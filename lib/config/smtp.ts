import { parseCertificate } from "./certificate.ts";
import type { Listener } from "./listeners.ts";
import { checkHost, parseListenHosts, parsePorts, smtpName, unique } from "./network.ts";
import type { SettingsReader } from "./reader.ts";
import type { SettingName } from "./settings.ts";
import type { SmtpConfig, SmtpPorts } from "./types.ts";
import type { PoolLimits, SessionLimits } from "../../smtp/mod.ts";

/** The variable of each kind of port. */
const PORT_SETTINGS = {
  plain: "SMTP_PORT",
  tls: "SMTP_TLS_PORT",
  startTls: "SMTP_STARTTLS_PORT",
  autoTls: "SMTP_AUTOTLS_PORT",
} as const satisfies Record<keyof SmtpPorts, SettingName>;

/** Where users expect a service behind a proxy that terminates TLS (RFC 8314 section 3.3, RFC 6409). */
const IMPLICIT_TLS_PORT = 465;
const SUBMISSION_PORT = 587;

/** The client-facing server. */
export function parseSmtp(settings: SettingsReader, production: boolean): SmtpConfig {
  const ports = parseSmtpPorts(settings);
  const publicHost = settings.required("SMTP_PUBLIC_HOST");
  if (publicHost) checkHost(settings, "SMTP_PUBLIC_HOST", publicHost);
  return {
    hosts: parseListenHosts(settings, "SMTP_HOST", production ? "all" : "localhost"),
    ports,
    inspectionDelayMs: settings.integer("SMTP_PROTOCOL_INSPECTION_DELAY_MS"),
    certificate: parseSmtpCertificate(settings, ports),
    publicHost,
    publicTlsPorts: parsePublicPorts(
      settings,
      "SMTP_PUBLIC_TLS_PORT",
      defaultPublicPorts(ports, ports.tls, IMPLICIT_TLS_PORT),
    ),
    publicStartTlsPorts: parsePublicPorts(
      settings,
      "SMTP_PUBLIC_STARTTLS_PORT",
      defaultPublicPorts(ports, ports.startTls, SUBMISSION_PORT),
    ),
    greetingName: parseGreetingName(settings, publicHost),
    proxyProtocol: settings.choice("SMTP_PROXY_PROTOCOL"),
    sessionLimits: parseSessionLimits(settings),
    limits: {
      connectionCount: settings.integer("SMTP_MAX_CONNECTIONS"),
      connectionCountPerAddress: settings.integer("SMTP_MAX_CONNECTIONS_PER_ADDRESS"),
    },
    shutdownGraceSeconds: settings.integer("SMTP_SHUTDOWN_GRACE_S"),
    workerCount: settings.integer("SMTP_WORKERS"),
  };
}

/** The connections to the submission server. */
export function parseUpstream(settings: SettingsReader): PoolLimits {
  return {
    connectionsPerMailbox: settings.integer("UPSTREAM_MAX_CONNECTIONS_PER_MAILBOX"),
    queueTimeoutSeconds: settings.integer("UPSTREAM_QUEUE_TIMEOUT_S"),
    idleTimeoutSeconds: settings.integer("UPSTREAM_IDLE_TIMEOUT_S"),
    ageLimitSeconds: settings.integer("UPSTREAM_MAX_AGE_S"),
    messagesPerMinute: settings.integer("UPSTREAM_MESSAGES_PER_MINUTE"),
  };
}

/** What the SMTP ports occupy. */
export function smtpListeners({ hosts, ports }: SmtpConfig): Listener[] {
  return portKinds().map((kind) => ({ variable: PORT_SETTINGS[kind], hosts, ports: ports[kind] }));
}

function portKinds(): (keyof SmtpPorts)[] {
  return Object.keys(PORT_SETTINGS) as (keyof SmtpPorts)[];
}

function parseSmtpPorts(settings: SettingsReader): SmtpPorts {
  if (portKinds().every((kind) => settings.list(PORT_SETTINGS[kind]).length === 0)) {
    settings.problem(
      "SMTP_TLS_PORT",
      "there is no SMTP port.",
      `Set at least one of ${Object.values(PORT_SETTINGS).join(", ")}.`,
    );
  }
  return {
    plain: parsePorts(settings, PORT_SETTINGS.plain),
    tls: parsePorts(settings, PORT_SETTINGS.tls),
    startTls: parsePorts(settings, PORT_SETTINGS.startTls),
    autoTls: parsePorts(settings, PORT_SETTINGS.autoTls),
  };
}

function parseSmtpCertificate(settings: SettingsReader, ports: SmtpPorts) {
  const user = portKinds().find((kind) => kind !== "plain" && ports[kind].length > 0);
  const needed = user && `${PORT_SETTINGS[user]} is set`;
  return parseCertificate(settings, "SMTP_KEY_FILE", "SMTP_CERT_FILE", needed);
}

/** The ports that users are told of when nothing else is set; without any TLS here, those of a proxy in front. */
function defaultPublicPorts(ports: SmtpPorts, own: readonly number[], behindProxy: number) {
  const listening = unique([...own, ...ports.autoTls]);
  const plainOnly = portKinds().every((kind) => (kind === "plain") === (ports[kind].length > 0));
  return plainOnly ? [behindProxy] : listening;
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
  if (name !== publicHost) checkHost(settings, "SMTP_GREETING_NAME", host);
  return smtpName(host);
}

function parseSessionLimits(settings: SettingsReader): SessionLimits {
  return {
    messageSizeOctets: settings.integer("SMTP_MAX_MESSAGE_SIZE"),
    recipientCount: settings.integer("SMTP_MAX_RECIPIENTS"),
    loginTimeoutSeconds: settings.integer("SMTP_LOGIN_TIMEOUT_S"),
    idleTimeoutSeconds: settings.integer("SMTP_IDLE_TIMEOUT_S"),
    dataTimeoutSeconds: settings.integer("SMTP_DATA_TIMEOUT_S"),
    dataRateOctetsPerSecond: settings.integer("SMTP_MIN_DATA_RATE"),
    commandLineOctets: settings.integer("SMTP_MAX_COMMAND_LINE"),
    errorCount: settings.integer("SMTP_MAX_ERRORS"),
    loginFailureCount: settings.integer("SMTP_MAX_LOGIN_FAILURES"),
    idleCommandCount: settings.integer("SMTP_MAX_IDLE_COMMANDS"),
  };
}

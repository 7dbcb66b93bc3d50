/**
 * The settings that people enter in their mail clients.
 *
 * @module
 */
import type { SmtpConfig } from "../config/mod.ts";

/** The protection of a client's connection. */
export type Encryption = "STARTTLS" | "TLS" | "none";

/** The settings that tell clients where to connect. */
export type SmtpOffer =
  & Pick<
    SmtpConfig,
    "publicHost" | "publicTlsPorts" | "publicStartTlsPorts" | "publicCaFile" | "ports"
  >
  & Partial<Pick<SmtpConfig, "ownAuthority">>;

/** A port to enter in a mail client. */
export interface Endpoint {
  readonly port: number;
  readonly encryption: Encryption;
}

/** A port with all it can do. */
export interface OfferedPort {
  readonly port: number;
  readonly encryptions: readonly Encryption[];
}

/**
 * Returns the ports to offer, the one to recommend first. Plain ports come last, and only where clients reach them: where there is
 * nothing else, or other ports are open beside them. Behind a proxy that speaks TLS for us, they are nobody's business.
 */
export function endpointsOf(smtp: SmtpOffer): readonly Endpoint[] {
  const all = (ports: readonly number[], encryption: Encryption) =>
    ports.map((port): Endpoint => ({ port, encryption }));
  const { tls, starttls, auto, plain } = smtp.ports;
  const safe = [...all(smtp.publicStartTlsPorts, "STARTTLS"), ...all(smtp.publicTlsPorts, "TLS")];
  const hasOwnTls = tls.length + starttls.length + auto.length > 0;
  return safe.length === 0 || hasOwnTls ? [...safe, ...all(plain, "none")] : safe;
}

/** Groups endpoints by port. */
export function portsOf(endpoints: readonly Endpoint[]): readonly OfferedPort[] {
  return [...Map.groupBy(endpoints, ({ port }) => port)].map(([port, group]) => ({
    port,
    encryptions: group.map(({ encryption }) => encryption),
  }));
}

/** A test mail to be sent by a command line. */
export interface TestMailCommand {
  readonly host: string;
  readonly endpoint: Endpoint;
  readonly username: string;
  /** Absent: swaks asks for it. */
  readonly password?: string;
  readonly sender: string;
  readonly recipient: string;
}

const SWAKS_OPTION: Readonly<Record<Encryption, readonly string[]>> = {
  STARTTLS: ["--tls"],
  TLS: ["--tls-on-connect"],
  none: [],
};

/** Returns a command line for swaks that sends a test mail, ready to paste into a shell. */
export function swaksCommand(
  { host, endpoint, username, password, sender, recipient }: TestMailCommand,
): string {
  return shellCommand([
    ...["swaks", "--server", host, "--port", String(endpoint.port)],
    ...SWAKS_OPTION[endpoint.encryption],
    ...["--auth", "PLAIN", "--auth-user", username],
    ...password === undefined ? [] : ["--auth-password", password],
    ...["--from", sender, "--to", recipient],
  ]);
}

/** Returns a command line that a POSIX shell reads as these words (IEEE Std 1003.1, section 2.2.2). */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}

/** Quotes a word for a POSIX shell if it needs to be. */
function shellWord(word: string): string {
  return /^[\w@.,:/+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

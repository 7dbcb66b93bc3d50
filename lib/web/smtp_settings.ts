/**
 * What people enter in their mail clients.
 *
 * @module
 */
import type { WebServices } from "./services.ts";

/** How a client's connection is protected. */
export type Encryption = "STARTTLS" | "TLS" | "none";

/** A port to enter in a mail client. */
export interface Endpoint {
  readonly port: number;
  readonly encryption: Encryption;
}

/** The ports to offer, the most common kind first; unprotected ones only where there is nothing else. */
export function endpointsOf(smtp: WebServices["smtp"]): readonly Endpoint[] {
  const all = (ports: readonly number[], encryption: Encryption) =>
    ports.map((port): Endpoint => ({ port, encryption }));
  const safe = [...all(smtp.publicStartTlsPorts, "STARTTLS"), ...all(smtp.publicTlsPorts, "TLS")];
  return safe.length > 0 ? safe : all(smtp.ports.plain, "none");
}

/** What a command line for a test mail is made of. */
export interface TestMail {
  readonly host: string;
  readonly endpoint: Endpoint;
  readonly username: string;
  readonly password: string;
  /** Sender and recipient. */
  readonly mailbox: string;
}

const SWAKS_OPTION: Readonly<Record<Encryption, readonly string[]>> = {
  STARTTLS: ["--tls"],
  TLS: ["--tls-on-connect"],
  none: [],
};

/** A command line for swaks that sends a test mail, ready to paste into a shell. */
export function swaksCommand({ host, endpoint, username, password, mailbox }: TestMail): string {
  const words = [
    ...["swaks", "--server", host, "--port", String(endpoint.port)],
    ...SWAKS_OPTION[endpoint.encryption],
    ...["--auth", "PLAIN", "--auth-user", username, "--auth-password", password],
    ...["--from", mailbox, "--to", mailbox],
  ];
  return words.map(shellWord).join(" ");
}

/** A word that a POSIX shell takes as it is (IEEE Std 1003.1, section 2.2.2). */
function shellWord(word: string): string {
  return /^[\w@.,:/+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

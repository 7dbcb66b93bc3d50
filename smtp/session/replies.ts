/**
 * The session's own replies, as constants that are encoded once, and the queue of replies.
 *
 * @module
 */
import type { SessionLimits } from "./limits.ts";
import { concat, MECHANISMS, Reply } from "../protocol/mod.ts";
import type { Transport } from "../net/mod.ts";

export const READY_FOR_TLS = new Reply(220, "2.0.0", "Ready to start TLS");
export const BYE = new Reply(221, "2.0.0", "Bye");
export const LOGGED_IN = new Reply(235, "2.7.0", "Authentication successful");
export const RESET = new Reply(250, "2.0.0", "OK");
export const SENDER_OK = new Reply(250, "2.1.0", "Sender OK");
export const START_MAIL_INPUT = new Reply(
  354,
  undefined,
  "Start mail input; end with <CRLF>.<CRLF>",
);

/** Replies to commands without effect (RFC 5321 sections 3.5.3, 4.1.1.8, 4.1.1.9). */
export const SIMPLE: Readonly<Record<"NOOP" | "HELP" | "VRFY" | "EXPN", Reply>> = {
  NOOP: new Reply(250, "2.0.0", "OK"),
  HELP: new Reply(
    214,
    "2.0.0",
    "Log in with the user name and an app password from the account page",
  ),
  VRFY: new Reply(252, "2.1.5", "Cannot verify, but will take the message and try"),
  EXPN: new Reply(502, "5.5.1", "Not implemented"),
};

/** RFC 4954 section 4. */
export const EXCHANGE_LINE_TOO_LONG = new Reply(
  500,
  "5.5.6",
  "Authentication exchange line is too long",
);

export const STARTTLS_FIRST = new Reply(530, "5.7.0", "Must issue a STARTTLS command first");
export const TLS_ALREADY = new Reply(503, "5.5.1", "TLS is active already");
export const TLS_NOT_OFFERED = new Reply(502, "5.5.1", "STARTTLS is not offered on this port");

export const NOT_SMTP = new Reply(421, "4.7.0", "This is an SMTP server");
export const TOO_MANY_ERRORS = new Reply(421, "4.7.0", "Too many errors");
export const TOO_MANY_COMMANDS = new Reply(421, "4.7.0", "Too many commands without a message");
export const LOGIN_TIMEOUT = new Reply(421, "4.7.0", "No login in time");
export const IDLE_TIMEOUT = new Reply(421, "4.4.2", "Timeout");

/** Returns the greeting, which has no enhanced code (RFC 5321 section 4.2). */
export function greeting(name: string): Reply {
  return new Reply(220, undefined, `${name} ESMTP`);
}

/** Returns the reply to HELO. */
export function helo(name: string): Reply {
  return new Reply(250, undefined, name);
}

/** Extensions that are not always offered. */
export interface Offer {
  readonly startTls: boolean;
  readonly login: boolean;
}

/** Returns the reply to EHLO: our name, then one line for each extension (RFC 5321 section 4.1.1.1). */
export function ehlo(name: string, limits: SessionLimits, { startTls, login }: Offer): Reply {
  const mechanisms = MECHANISMS.join(" ");
  return new Reply(
    250,
    undefined,
    name,
    "PIPELINING",
    `SIZE ${limits.messageSizeOctets}`,
    "8BITMIME",
    "SMTPUTF8",
    "DSN",
    "CHUNKING",
    "ENHANCEDSTATUSCODES",
    ...(startTls ? ["STARTTLS"] : []),
    // The form with "=" is for clients older than RFC 2554.
    ...(login ? [`AUTH ${mechanisms}`, `AUTH=${mechanisms}`] : []),
  );
}

const NOTHING_TO_SEND = Promise.resolve();

/** Collects replies until the session waits for the client, so that one write sends all of them (RFC 2920 section 3.2). */
export class ReplyQueue {
  readonly #transport: Transport;
  readonly #replies: Reply[] = [];
  #writing = false;
  #finished = false;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Whether a write is pending: the client has to read. */
  get writing(): boolean {
    return this.#writing;
  }

  /** Adds a reply, unless the last one was sent. */
  push(reply: Reply): void {
    if (!this.#finished) this.#replies.push(reply);
  }

  /** Sends all replies, with this one as the last. */
  finish(last: Reply): Promise<void> {
    this.push(last);
    this.#finished = true;
    return this.flush();
  }

  /** Sends the replies during work that may depend on the client's next step. */
  flushDuring<T>(work: Promise<T>): Promise<T> {
    if (this.#replies.length === 0) return work;
    return Promise.all([work, this.flush()]).then(([result]) => result);
  }

  /** Sends all replies. */
  flush(): Promise<void> {
    if (this.#replies.length === 0) return NOTHING_TO_SEND;
    const octets = this.#replies.length === 1
      ? this.#replies[0]!.octets
      : concat(...this.#replies.map((reply) => reply.octets));
    this.#replies.length = 0;
    this.#writing = true;
    return this.#transport.write(octets).then(this.#written, this.#failed);
  }

  readonly #written = (): void => {
    this.#writing = false;
  };

  readonly #failed = (error: unknown): never => {
    this.#writing = false;
    throw error;
  };
}

/**
 * What one client may take.
 *
 * @module
 */

import { COMMAND_LINE_LIMIT_OCTETS, type Verb } from "../protocol/mod.ts";

/** Limits of a session; the defaults fit Microsoft's published limits and RFC 5321 section 4.5.3. */
export interface SessionLimits {
  /** RFC 1870: the size that EHLO announces. */
  readonly messageSizeOctets: number;
  /** RFC 5321 section 4.5.3.1.8 asks for at least 100. */
  readonly recipientCount: number;
  /** From the connection to a successful login, whatever the client does meanwhile. */
  readonly loginTimeoutSeconds: number;
  /** Between commands (RFC 5321 section 4.5.3.2.7: at least 5 minutes). */
  readonly idleTimeoutSeconds: number;
  /** Between two reads of message data (RFC 5321 section 4.5.3.2.5: 3 minutes). */
  readonly dataTimeoutSeconds: number;
  /** Slowest average at which a client may send a message, in octets per second; 0 for any. */
  readonly dataRateOctetsPerSecond: number;
  /** A command line with its CRLF; see {@linkcode COMMAND_LINE_LIMIT_OCTETS}. */
  readonly commandLineOctets: number;
  /** Refused commands in a row before the connection ends. */
  readonly errorCount: number;
  /** Failed logins before the connection ends. */
  readonly loginFailureCount: number;
  /** Commands that send nothing (NOOP, RSET, EHLO …) in a row before the connection ends. */
  readonly idleCommandCount: number;
}

/** 150 MiB, as Microsoft announces. */
const MESSAGE_SIZE_OCTETS = 157_286_400;

export const DEFAULT_SESSION_LIMITS: SessionLimits = {
  messageSizeOctets: MESSAGE_SIZE_OCTETS,
  recipientCount: 500,
  loginTimeoutSeconds: 60,
  idleTimeoutSeconds: 300,
  dataTimeoutSeconds: 180,
  dataRateOctetsPerSecond: 100,
  commandLineOctets: COMMAND_LINE_LIMIT_OCTETS,
  errorCount: 20,
  loginFailureCount: 3,
  idleCommandCount: 100,
};

/** Commands that send nothing; a client that repeats them without end only keeps us busy. */
const IDLE_COMMANDS: ReadonlySet<Verb> = new Set([
  "EHLO",
  "HELO",
  "RSET",
  "NOOP",
  "HELP",
  "VRFY",
  "EXPN",
]);

/** Counts one client's mistakes. */
export class AbuseLimits {
  readonly #limits: SessionLimits;
  #errorCount = 0;
  #idleCommandCount = 0;
  #loginFailureCount = 0;

  constructor(limits: SessionLimits) {
    this.#limits = limits;
  }

  /** Notes a command; true when it is one too many of those that send nothing. */
  wastesTime(verb: Verb): boolean {
    return IDLE_COMMANDS.has(verb) && ++this.#idleCommandCount > this.#limits.idleCommandCount;
  }

  /** Notes a refused command; true when it is one too many in a row. */
  refused(): boolean {
    return ++this.#errorCount >= this.#limits.errorCount;
  }

  /** Notes a failed login; true when it is one too many. */
  loginFailed(): boolean {
    return ++this.#loginFailureCount >= this.#limits.loginFailureCount;
  }

  /** Notes a command that did something. */
  accepted(): void {
    this.#errorCount = 0;
  }

  /** Notes a message that was accepted. */
  sent(): void {
    this.#idleCommandCount = 0;
  }
}

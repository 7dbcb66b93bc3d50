/**
 * Limits for one client, and the count of its mistakes.
 *
 * @module
 */
import type { Verb } from "../protocol/mod.ts";

/** The treatment of From, Date and Message-ID where a message lacks them (RFC 6409 section 8). */
export type MissingHeaders = "add" | "leave";

/** Limits of a session that an operator can choose. */
export interface SessionLimits {
  /** The size that EHLO announces (RFC 1870). */
  readonly messageSizeOctets: number;
  /** RFC 5321 section 4.5.3.1.8 asks for at least 100. */
  readonly recipientCount: number;
  /** Between commands (RFC 5321 section 4.5.3.2.7: at least 5 minutes). */
  readonly idleTimeoutSeconds: number;
}

/** Defaults that fit Microsoft's published limits and RFC 5321 section 4.5.3. */
export const DEFAULT_SESSION_LIMITS: SessionLimits = {
  /** 150 MiB, as Microsoft announces. */
  messageSizeOctets: 157_286_400,
  recipientCount: 500,
  idleTimeoutSeconds: 300,
};

/** Limits of a session that are the same everywhere. No honest client comes near them. */
export const FIXED_SESSION_LIMITS = {
  /**
   * From the connection to a successful login. A mail program needs seconds; a client that does not log in cannot hold a
   * connection for longer.
   */
  loginTimeoutSeconds: 60,
  /** Between two reads of message data (RFC 5321 section 4.5.3.2.5: 3 minutes). */
  dataTimeoutSeconds: 180,
  /** The lowest average rate of a message. A tenth of an old modem's, so only an attack is slower. */
  dataRateOctetsPerSecond: 100,
  /** Refused commands in a row (RFC 5321 section 4.3.2 allows 421 to any command). A list of bad recipients may be long. */
  errorCount: 20,
  /** Failed logins. A mail program tries the same password once or twice; a guesser has to connect again. */
  loginFailureCount: 3,
  /** Commands without effect (NOOP, RSET, EHLO …) since the last message. Clients send NOOP to keep a connection open. */
  idleCommandCount: 100,
};

/** All limits of a session. */
export type AllSessionLimits = SessionLimits & typeof FIXED_SESSION_LIMITS;

/** Commands without effect. A client that repeats them endlessly wastes resources. */
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
  readonly #limits: AllSessionLimits;
  #errorCount = 0;
  #idleCommandCount = 0;
  #loginFailureCount = 0;

  constructor(limits: AllSessionLimits) {
    this.#limits = limits;
  }

  /** Counts a command; true if the limit of commands without effect is exceeded. */
  commandReceived(verb: Verb): boolean {
    return IDLE_COMMANDS.has(verb) && ++this.#idleCommandCount > this.#limits.idleCommandCount;
  }

  /** Counts a refused command; true if it is the last one allowed in a row. */
  commandRefused(): boolean {
    return ++this.#errorCount >= this.#limits.errorCount;
  }

  /** Counts a failed login; true if it is the last one allowed. */
  loginFailed(): boolean {
    return ++this.#loginFailureCount >= this.#limits.loginFailureCount;
  }

  /** Resets the count of refused commands after a command was accepted. */
  commandAccepted(): void {
    this.#errorCount = 0;
  }

  /** Resets the count of commands without effect after a message. */
  messageAccepted(): void {
    this.#idleCommandCount = 0;
  }
}

/**
 * What a client may get wrong before its connection ends (RFC 5321 section 4.2.4.2 allows 421 at any time).
 *
 * @module
 */
import type { Verb } from "./command.ts";
import type { SessionLimits } from "./limits.ts";

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
export class Discipline {
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

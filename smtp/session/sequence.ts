/**
 * The order of commands (RFC 5321 section 4.1.4) as data.
 *
 * @module
 */
import { Reply, type Verb } from "../protocol/mod.ts";

/** The state of a session. */
export type State =
  /** Before EHLO or HELO, also after STARTTLS. */
  | "new"
  | "greeted"
  /** As `greeted`, for a client whose address can stand for a login. */
  | "known"
  /** Logged in, no transaction. */
  | "ready"
  /** MAIL was accepted. */
  | "mail"
  /** At least one recipient was accepted. */
  | "recipients"
  /** Between BDAT commands of one message. */
  | "chunks";

const HELLO_FIRST = new Reply(503, "5.5.1", "Send EHLO first");
export const LOG_IN_FIRST = new Reply(530, "5.7.0", "Authentication required");
const ALREADY_LOGGED_IN = new Reply(503, "5.5.1", "Already authenticated");
const BEFORE_LOGIN_ONLY = new Reply(503, "5.5.1", "Not allowed after the login");
const IN_TRANSACTION = new Reply(503, "5.5.1", "Not allowed inside a mail transaction");
const MAIL_FIRST = new Reply(503, "5.5.1", "Send MAIL first");
const RECIPIENT_FIRST = new Reply(503, "5.5.1", "Send RCPT first: no recipient was accepted");
const CHUNKS_BEGAN = new Reply(503, "5.5.1", "Only BDAT or RSET may follow BDAT");

type Refusals = Readonly<Partial<Record<State, Reply>>>;

const BEFORE_LOGIN: Refusals = { new: HELLO_FIRST, greeted: LOG_IN_FIRST, known: LOG_IN_FIRST };
const DURING_TRANSACTION: Refusals = {
  mail: IN_TRANSACTION,
  recipients: IN_TRANSACTION,
  chunks: IN_TRANSACTION,
};
const ALWAYS_ALLOWED: Refusals = {};

const REFUSALS: Readonly<Record<Verb, Refusals>> = {
  EHLO: ALWAYS_ALLOWED,
  HELO: ALWAYS_ALLOWED,
  STARTTLS: { ready: BEFORE_LOGIN_ONLY, ...DURING_TRANSACTION },
  AUTH: { new: HELLO_FIRST, ready: ALREADY_LOGGED_IN, ...DURING_TRANSACTION },
  MAIL: { new: HELLO_FIRST, greeted: LOG_IN_FIRST, ...DURING_TRANSACTION },
  RCPT: { ...BEFORE_LOGIN, ready: MAIL_FIRST, chunks: CHUNKS_BEGAN },
  DATA: { ...BEFORE_LOGIN, ready: MAIL_FIRST, mail: RECIPIENT_FIRST, chunks: CHUNKS_BEGAN },
  BDAT: { ...BEFORE_LOGIN, ready: MAIL_FIRST, mail: RECIPIENT_FIRST },
  RSET: ALWAYS_ALLOWED,
  QUIT: ALWAYS_ALLOWED,
  NOOP: ALWAYS_ALLOWED,
  HELP: ALWAYS_ALLOWED,
  VRFY: ALWAYS_ALLOWED,
  EXPN: ALWAYS_ALLOWED,
};

/** Returns the reply to a command that is out of order; undefined if it is in order. */
export function outOfOrder(verb: Verb, state: State): Reply | undefined {
  return REFUSALS[verb][state];
}

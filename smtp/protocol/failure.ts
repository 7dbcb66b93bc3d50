/**
 * Failures as replies: each has a reply for the client, and a cause that only the log gets.
 *
 * @module
 */
import { isOfClass, Reply } from "./reply.ts";

/** Options of an {@linkcode SmtpError}. */
export interface SmtpErrorOptions extends ErrorOptions {
  /** Whether the connection has to end after the reply. */
  readonly closes?: boolean;
  /** The text for the log, in place of the reply. */
  readonly message?: string;
}

/** An error that is an SMTP reply. The peer gets the reply, only the log gets the `cause`. */
export class SmtpError extends Error {
  override readonly name: string = "SmtpError";
  /** Whether the connection has to end after the reply. */
  readonly closes: boolean;

  constructor(readonly reply: Reply, options: SmtpErrorOptions = {}) {
    super(options.message ?? reply.toString(), options);
    this.closes = options.closes ?? false;
  }

  /** The cause for the log. */
  get privateCause(): unknown {
    return this.cause;
  }
}

/** Why a login failed. Temporary and permanent failures are never mixed up. */
export type LoginFailure =
  /** No such user, wrong or revoked password. */
  | "invalid"
  /** The password is right, but the person has to sign in with Microsoft again. */
  | "sign-in-required"
  /** The password is right, but the upstream refuses the account for good. */
  | "refused"
  /** A later attempt may succeed. */
  | "temporary"
  /** Too many failed logins from the same network. */
  | "throttled"
  /** The password is right, but the account has too many connections. */
  | "crowded";

/** Failures that end the connection, so that a client does not occupy one while it waits. */
const CLOSING_FAILURES: readonly LoginFailure[] = ["throttled", "crowded"];

/** An account cannot send now. Thrown by a login, or between login and transaction. */
export class LoginError extends SmtpError {
  override readonly name = "LoginError";

  /**
   * @param failure Decides the reply code.
   * @param publicText Shown to the client. Says what to do, but not whether a user exists.
   * @param options `cause`: for the log only. The reply takes over the enhanced code of an {@linkcode UpstreamRefusal} of the
   * same class.
   */
  constructor(readonly failure: LoginFailure, publicText: string, options?: ErrorOptions) {
    const heals = failure === "temporary" || CLOSING_FAILURES.includes(failure);
    const [code, ownCode] = heals ? [451, "4.7.0"] as const : [530, "5.7.0"] as const;
    const enhanced = refusalCode(options?.cause, code) ?? ownCode;
    super(new Reply(code, enhanced, publicText), { ...options, message: publicText });
  }
}

/** The owner of a refused mailbox, for explanations; see `Account` in `backend.ts`. */
interface RefusedAccount {
  readonly mailbox: string;
  readonly kind?: "personal" | "work" | "mailbox";
}

/** The upstream's reply to a sign-in that it refused: the cause of a {@linkcode LoginError}. */
export class UpstreamRefusal extends Error {
  override readonly name = "UpstreamRefusal";

  constructor(readonly reply: Reply, readonly account?: RefusedAccount) {
    super(`AUTH: ${reply}`);
  }
}

/** The upstream took longer for a sign-in than the client waits: the cause of a {@linkcode LoginError}. */
export class SlowSignIn extends Error {
  override readonly name = "SlowSignIn";
}

/** Returns the enhanced code with which the upstream refused a sign-in, if it is of this reply code's class. */
function refusalCode(cause: unknown, code: number): string | undefined {
  const enhanced = cause instanceof UpstreamRefusal ? cause.reply.enhanced : undefined;
  return enhanced !== undefined && isOfClass(enhanced, code) ? enhanced : undefined;
}

/** A rule of an app password that can exclude a recipient. */
export type PasswordRule = "recipient-rule" | "daily-limit";

/** An app password does not allow a recipient: the cause of our own reply. */
export class RuleRefusal extends Error {
  override readonly name = "RuleRefusal";

  constructor(readonly rule: PasswordRule) {
    super(`refused by the ${rule} of the app password`);
  }
}

/** Why an upstream connection failed. */
export type UpstreamFault =
  /** No connection: name, route, refused, or no answer in time. */
  | "unreachable"
  /** The connection ended. */
  | "closed"
  /** No answer in time. */
  | "timeout"
  /** A reply that is malformed or out of order. */
  | "protocol"
  /** No STARTTLS, or an untrusted certificate: no token was sent. */
  | "insecure"
  /** We closed the connection because the server is stopping: not a failure of the upstream. */
  | "stopped";

/** How far an upstream connection had come when it failed. */
export type UpstreamStage =
  /** Before a transaction: nothing was sent. */
  | "opening"
  /** Inside a transaction, before the end of the message: it was not accepted. */
  | "transaction"
  /**
   * After the end of the message: whether it was accepted is unknown. We never send it again. A client that does may cause
   * a second copy, which RFC 5321 section 4.5.4.1 prefers to a lost message.
   */
  | "verdict";

const UNREACHABLE = new Reply(
  451,
  "4.4.1",
  "The submission server cannot be reached, try again later",
);
const TURNED_AWAY = new Reply(
  451,
  "4.3.2",
  "The submission server is not available, try again later",
);
const LOST = new Reply(451, "4.4.2", "Connection to the submission server lost, try again later");

/** The last reply of a server that stops. */
export const SHUTTING_DOWN = new Reply(
  421,
  "4.3.2",
  "Server is shutting down, try again later",
);

/** Options of an {@linkcode UpstreamError}. */
export interface UpstreamErrorOptions extends ErrorOptions {
  readonly stage?: UpstreamStage;
  readonly said?: Reply;
}

/** An upstream connection has failed and cannot be used any more. */
export class UpstreamError extends SmtpError {
  override readonly name = "UpstreamError";
  readonly stage: UpstreamStage;
  /** The reply with which the upstream refused the connection, STARTTLS or EHLO. */
  readonly said?: Reply;

  /** @param message For the log alone. */
  constructor(
    readonly fault: UpstreamFault,
    message: string,
    { cause, stage = "opening", said }: UpstreamErrorOptions = {},
  ) {
    super(said ? TURNED_AWAY : replyTo(fault, stage), { message, cause });
    this.stage = stage;
    this.said = said;
  }

  override get privateCause(): unknown {
    return this;
  }
}

function replyTo(fault: UpstreamFault, stage: UpstreamStage): Reply {
  if (fault === "stopped") return SHUTTING_DOWN;
  return stage === "opening" ? UNREACHABLE : LOST;
}

/** The reply to wrong credentials: the same for an unknown user as for a wrong password. */
export const INVALID_CREDENTIALS = new Reply(
  535,
  "5.7.8",
  "Authentication failed: use the user name and an app password from the account page",
);
const LOCAL_ERROR = new Reply(451, "4.3.0", "Local error, try again later");
const LOGIN_LOCAL_ERROR = new Reply(454, "4.3.0", "Local error, try again later");

/** Returns an error as one with a reply; 451 for an unexpected error. */
export function asSmtpError(error: unknown): SmtpError {
  return error instanceof SmtpError ? error : new SmtpError(LOCAL_ERROR, { cause: error });
}

/**
 * Returns the reply to a failed AUTH: 535 for a permanent failure, 454 for a temporary one (RFC 4954 section 6), 421 if the
 * connection ends (RFC 5321 section 3.8). A false 535 makes a mail program ask its user for a password.
 */
export function loginReply(error: SmtpError): Reply {
  const { reply } = error;
  if (error instanceof LoginError && CLOSING_FAILURES.includes(error.failure)) {
    return new Reply(421, "4.7.0", reply.text);
  }
  if (reply === LOCAL_ERROR) return LOGIN_LOCAL_ERROR;
  if (error instanceof LoginError && error.failure === "invalid") return INVALID_CREDENTIALS;
  const code = reply.transient ? 454 : 535;
  const enhanced = refusalCode(error.cause, code) ?? (code === 454 ? "4.7.0" : "5.7.8");
  return new Reply(code, enhanced, reply.text);
}

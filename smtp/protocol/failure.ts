/**
 * What can go wrong, as replies to the client with the cause for the log.
 *
 * @module
 */
import { Reply } from "./reply.ts";

/** An error that is an SMTP reply: the reply is for the peer, the `cause` for the log alone. */
export class SmtpError extends Error {
  override readonly name = "SmtpError";
  /** Whether the connection has to end after the reply. */
  readonly closes: boolean;

  constructor(readonly reply: Reply, options?: ErrorOptions & { closes?: boolean }) {
    super(reply.toString(), options);
    this.closes = options?.closes ?? false;
  }
}

/** Why a login failed; it decides the reply. Temporary and permanent stay apart to the end. */
export type LoginFailure =
  /** No such user, wrong or revoked password: 535 5.7.8, the same for all. */
  | "invalid"
  /** The password is right, but the person has to sign in with Microsoft again: 535 5.7.8 with that text. */
  | "sign-in-required"
  /** The password is right, but the upstream refuses the account for good: 535 5.7.8 with that text. */
  | "refused"
  /** Heals by itself: 454 4.7.0. */
  | "temporary"
  /** Too many failures from there: 454 4.7.0. */
  | "throttled";

/** A login that failed, with a public text for the client and a private cause for the log. */
export class LoginError extends Error {
  override readonly name = "LoginError";

  /**
   * @param failure Decides the reply code.
   * @param publicText Shown to the client: says what to do, and nothing about whether a user exists.
   * @param options `cause`: for the log alone.
   */
  constructor(readonly failure: LoginFailure, readonly publicText: string, options?: ErrorOptions) {
    super(publicText, options);
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
  /** Something that is not SMTP, or out of order. */
  | "protocol"
  /** No STARTTLS, or a certificate that can't be trusted: nothing was sent. */
  | "insecure";

/** An upstream connection that can't be used any further. */
export class UpstreamError extends Error {
  override readonly name = "UpstreamError";

  constructor(readonly fault: UpstreamFault, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

const LOST = new Reply(451, "4.4.2", "Connection to the submission server lost, try again later");

/** The connection broke inside a transaction, before the message was complete: it was not accepted. */
export class ConnectionLostError extends SmtpError {
  constructor(cause: unknown) {
    super(LOST, { cause });
  }
}

/**
 * The connection broke after the end of the message was sent: accepted or not, nobody knows. It is not sent again by us; a
 * client that tries again may cause a second copy, which RFC 5321 section 4.5.4.1 prefers to a lost message.
 */
export class UnknownOutcomeError extends SmtpError {
  constructor(cause: unknown) {
    super(LOST, { cause });
  }
}

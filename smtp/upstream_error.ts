/**
 * What can go wrong with the upstream, as replies to the client with the cause for the log.
 *
 * @module
 */
import { Reply, SmtpError } from "./reply.ts";

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

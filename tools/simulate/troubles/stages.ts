/**
 * The steps at which a trouble can show.
 *
 * @module
 */

/** A step of a submission. */
export type SubmissionStage =
  /** The greeting. */
  | "connect"
  /** The reply to AUTH. */
  | "auth"
  /** The reply to MAIL. */
  | "mail"
  /** The reply after the message: to the final dot or to `BDAT … LAST`. */
  | "message";

/** A step at the identity service. */
export type IdentityStage =
  /** The person has chosen an account: the browser comes back with an error. */
  | "authorization"
  /** The application redeems a code, of the browser or of a device. */
  | "redemption"
  /** The application uses a refresh token. */
  | "refresh"
  /** The application asks for a token of its own (`client_credentials`). */
  | "application";

/** A step of either kind. */
export type Stage = SubmissionStage | IdentityStage;

/**
 * Explanations of Microsoft's errors and replies: what they mean, who can help, and how.
 *
 * @module
 */
export { type Cause, DeadSignIn, explainCause, signInRequired } from "./cause.ts";
export type { AccountKind, Explanation, Fixer, Reach, SignInExplanation } from "./explanation.ts";
export { PROXY_FAULTS, type ProxyFaultRow } from "./proxy_faults.ts";
export {
  explainReason,
  explainSignInError,
  reasonOf,
  SIGN_IN_ERRORS,
  type SignInErrorRow,
} from "./sign_in_errors.ts";
export {
  explainReply,
  explainReplyText,
  refusalText,
  SMTP_REPLIES,
  type SmtpReplyRow,
} from "./smtp_replies.ts";

/**
 * Explanations of Microsoft's errors and replies: what they mean, who can help, and how.
 *
 * @module
 */
export { type Cause, DeadSignIn, explainCause, signInRequired } from "./cause.ts";
export type {
  AccountKind,
  Explanation,
  Fixer,
  Reach,
  SignInExplanation,
  SignInOutcome,
  Wording,
} from "./explanation.ts";
export { explainProxyFault, explanationOf, PROXY_FAULTS } from "./proxy_faults.ts";
export { START_AGAIN } from "./remedies.ts";
export { explainReason, explainSignInError, reasonOf, SIGN_IN_ERRORS } from "./sign_in_errors.ts";
export { explainReply, refusalText, SMTP_REPLIES, type SmtpReplyRow } from "./smtp_replies.ts";

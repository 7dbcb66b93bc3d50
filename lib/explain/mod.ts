/**
 * Explanations of Microsoft's errors and replies: what they mean, who can help, and how.
 *
 * @module
 */
export type { AccountKind, Explanation, Fixer, Reach, SignInExplanation } from "./explanation.ts";
export {
  explainReason,
  explainSignInError,
  reasonOf,
  SIGN_IN_ERRORS,
  type SignInErrorRow,
  signInRequiredText,
} from "./sign_in_errors.ts";
export {
  explainReply,
  explainSmtpReply,
  refusalText,
  SMTP_REPLIES,
  type SmtpReplyRow,
} from "./smtp_replies.ts";

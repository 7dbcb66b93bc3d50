/**
 * Explanations of errors and replies: what they mean and who can help.
 *
 * @module
 */
export {
  explainReason,
  explainSignInError,
  explainSmtpReply,
  type Explanation,
  type Fixer,
  type SignInExplanation,
  signInRequiredText,
} from "./explain.ts";
export { explainReply, refusalText, type SubmissionReply } from "./reply.ts";

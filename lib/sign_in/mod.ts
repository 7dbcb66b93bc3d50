/**
 * The web sign-in with Microsoft, the session after it, and the policy of who may sign up.
 *
 * @module
 */
export { filterWarnings } from "./filter_warnings.ts";
export { explainNotAllowed } from "./problems.ts";
export { Sessions } from "./session_cookie.ts";
export {
  type Redirect,
  SignIn,
  SignInError,
  type SignInFailure,
  type SignInResult,
} from "./sign_in.ts";
export type { UsedSignIns } from "./transaction.ts";
export { type InvitationUser, NotAllowedError, signUp } from "./sign_up.ts";
export { isAdmin, RuleFileError, SignUpPolicy, type SignUpRefusal } from "./sign_up_policy.ts";

/**
 * The web sign-in with Microsoft, the session after it, and who may sign up.
 *
 * @module
 */
export { explainNotAllowed } from "./problems.ts";
export { isAdmin, Registration, RuleFileError } from "./registration.ts";
export { type Session, Sessions } from "./session_cookie.ts";
export { type Redirect, SignIn, SignInError, type SignInFailure } from "./sign_in.ts";

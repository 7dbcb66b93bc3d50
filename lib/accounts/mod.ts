/**
 * Accounts and their app passwords, and the login of a mail client.
 *
 * @module
 */
export { explainState } from "./account_state.ts";
export { Accounts, type CreatedAppPassword } from "./accounts.ts";
export { isGuessable, looksGenerated } from "./app_passwords.ts";
export { InputError, senderRuleOf } from "./input.ts";
export { type LoginEvent, LoginThrottle, type SharedFailures } from "./login_throttle.ts";
export { submissionTarget } from "./submission_target.ts";

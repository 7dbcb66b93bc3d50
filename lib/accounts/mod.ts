/**
 * Accounts, app-only mailboxes and their app passwords, and the login of a mail client.
 *
 * @module
 */
export { explainState, refusalReason } from "./account_state.ts";
export { DailyAllowance } from "./allowance.ts";
export { Accounts, type CreatedAppPassword, type Importability } from "./accounts.ts";
export { isGuessable, looksGenerated } from "./app_passwords.ts";
export { parseDeviceList } from "./device_list.ts";
export { InputError, type SenderChoice, senderRuleOf } from "./input.ts";
export { decodeList, parseMailboxList } from "./mailbox_list.ts";
export type { MailboxProof } from "./mailbox_proof.ts";
export { type EnteredMailbox, Mailboxes } from "./mailboxes.ts";
export { type LoginEvent, LoginThrottle, type SharedFailures } from "./login_throttle.ts";
export type { RuleChoice } from "./restrictions.ts";
export { submissionTarget } from "./submission_target.ts";
export { testMessageLines } from "./test_message.ts";

import { type Context, HttpError } from "fresh";
import { explainState, type MailboxProof } from "../../../../lib/accounts/mod.ts";
import type { Explanation } from "../../../../lib/explain/mod.ts";
import type { AccountRecord, AppPassword } from "../../../../lib/store/mod.ts";
import type { State } from "../../../../lib/web/mod.ts";
import type { FormProblem } from "../../../(_components)/form_problem.tsx";
import { explainDelay } from "../../../(_components)/renewal_delay.ts";
import { namedAccount } from "../../(_components)/named_account.ts";

/** The data of the page of a mailbox. */
export interface MailboxData {
  readonly account: AccountRecord;
  readonly devices: readonly AppPassword[];
  /** The reason why it cannot send, as far as is known. */
  readonly explanation?: Explanation;
  readonly proof?: MailboxProof;
  readonly problem?: FormProblem;
}

/** Returns the mailbox that the address names. @throws {HttpError} 404 */
export async function mailboxOf(ctx: Context<State>): Promise<AccountRecord> {
  const account = await namedAccount(ctx);
  if (account.appOnly) return account;
  throw new HttpError(404, "There is no such mailbox. People who sign in are under Accounts.");
}

/** Gathers the data of the page of a mailbox. @throws {HttpError} 404 */
export async function mailboxData(ctx: Context<State>): Promise<MailboxData> {
  const account = await mailboxOf(ctx);
  ctx.state.title = `${account.email} – Admin`;
  ctx.state.isWide = true;
  const { services } = ctx.state;
  return {
    account,
    explanation: explainState(account) ?? explainDelay(services, account),
    devices: await services.store.appPasswords.list(account.id),
  };
}

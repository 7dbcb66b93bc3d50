import { type Context, HttpError, page } from "fresh";
import type { Question } from "../../../islands/question.tsx";
import { type AuditAction, subjectOf } from "../../../lib/admin/mod.ts";
import type { AccountRecord, AppPassword } from "../../../lib/store/mod.ts";
import { actorOf, define, redirectWithFlash, type Site, type State } from "../../../lib/web/mod.ts";
import { readConfirmation } from "../../(_components)/confirmation.ts";

/** The account that an operator acts on. */
export interface ActionTarget {
  readonly account: AccountRecord;
  /** The app password that the address names. */
  readonly password?: AppPassword;
}

/** Something that an operator does to an account. */
export interface OperatorAction {
  /** For the audit trail. */
  name(target: ActionTarget): AuditAction;
  question(site: Site, target: ActionTarget): Question;
  /** @returns Whether what it is about existed. */
  act(state: State, target: ActionTarget): Promise<boolean>;
  /** Returns the result in a sentence. */
  tell(target: ActionTarget): string;
  /** Whether the account is gone afterwards. */
  readonly endsAccount?: boolean;
}

/** Handles the form by which an operator acts on the account that the address names: GET asks, POST acts. */
export function operatorAction(action: OperatorAction) {
  return define.handlers({
    async GET(ctx) {
      const target = await targetOf(ctx);
      const { site } = ctx.state;
      const question = action.question(site, target);
      ctx.state.title = question.title;
      return page({ question, cancel: site.path(pathOf(target)) });
    },
    async POST(ctx) {
      await readConfirmation(ctx);
      const target = await targetOf(ctx);
      if (!await action.act(ctx.state, target)) throw new HttpError(404, "That is gone already.");
      const { account, password } = target;
      const subject = password ? subjectOf(account, password) : account.email;
      await ctx.state.services.audit.record(actorOf(ctx.state), action.name(target), subject);
      const next = action.endsAccount ? listOf(target) : pathOf(target);
      return redirectWithFlash(ctx, next, action.tell(target));
    },
  });
}

/** Returns the path of the page of the account. */
export function pathOf(target: ActionTarget): string {
  return `${listOf(target)}/${target.account.id}`;
}

function listOf({ account }: ActionTarget): string {
  return account.appOnly ? "/admin/organisation" : "/admin/accounts";
}

/** Returns what the address names. @throws {HttpError} 404 when the account or the app password does not exist. */
export async function targetOf(ctx: Context<State>): Promise<ActionTarget> {
  const account = await accountOf(ctx);
  if (ctx.params.password === undefined) return { account };
  const passwords = await ctx.state.services.store.appPasswords.list(account.id);
  const password = passwords.find(({ id }) => id === ctx.params.password);
  if (!password) throw new HttpError(404, "That is gone already.");
  return { account, password };
}

/** Returns the account that the address names. @throws {HttpError} 404 */
export async function accountOf({ params, state }: Context<State>): Promise<AccountRecord> {
  const account = await state.services.store.accounts.get(params.id ?? "");
  if (!account) throw new HttpError(404, "There is no such account. It may have been deleted.");
  return account;
}

import { type Context, HttpError, page } from "fresh";
import type { Question } from "../../../islands/question.tsx";
import { getLogger } from "../../../lib/log/mod.ts";
import type { AccountRecord, AppPassword } from "../../../lib/store/mod.ts";
import { define, redirectWithFlash, type Site, type State, userOf } from "../../../lib/web/mod.ts";
import { readConfirmation } from "../../(_components)/confirmation.ts";

/** The account that an operator acts on. */
export interface ActionTarget {
  readonly account: AccountRecord;
  /** The app password that the address names. */
  readonly password?: AppPassword;
}

/** Something that an operator does to an account. */
export interface OperatorAction {
  /** For the log. */
  readonly name: string;
  question(site: Site, target: ActionTarget): Question;
  /** @returns Whether what it is about existed. */
  act(state: State, target: ActionTarget): Promise<boolean>;
  /** Returns the result in a sentence. */
  tell(target: ActionTarget): string;
  /** Whether the account is gone afterwards. */
  readonly endsAccount?: boolean;
}

const log = getLogger("admin");

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
      const by = userOf(ctx.state).account.id;
      log.info(action.name, { account: account.id, password: password?.id, by });
      const next = action.endsAccount ? "/admin/accounts" : pathOf(target);
      return redirectWithFlash(ctx, next, action.tell(target));
    },
  });
}

function pathOf({ account }: ActionTarget): string {
  return `/admin/accounts/${account.id}`;
}

/** @throws {HttpError} 404 when the account or the app password does not exist. */
async function targetOf(ctx: Context<State>): Promise<ActionTarget> {
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

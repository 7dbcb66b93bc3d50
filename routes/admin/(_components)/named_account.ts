import { type Context, HttpError } from "fresh";
import type { AccountRecord, AppPassword } from "../../../lib/store/mod.ts";
import type { State } from "../../../lib/web/mod.ts";
import { type NamedPassword, passwordOf } from "../../(_components)/app_passwords.tsx";

/** Returns the account that the address names. @throws {HttpError} 404 */
export async function namedAccount({ params, state }: Context<State>): Promise<AccountRecord> {
  const account = await state.services.store.accounts.get(params.id ?? "");
  if (!account) throw new HttpError(404, "There is no such account. It may have been deleted.");
  return account;
}

/** Returns the app password that the address names. @throws {HttpError} 404 */
export async function namedPassword(ctx: Context<State>): Promise<NamedPassword> {
  const account = await namedAccount(ctx);
  const password = await passwordOf(ctx.state, account, ctx.params.password);
  return { account, password, path: passwordPath(password), home: accountPath(account) };
}

/** Returns the path above those of what an operator can do to an app password. */
export function passwordPath({ accountId, id }: AppPassword): string {
  return `/admin/accounts/${accountId}/passwords/${id}`;
}

/** Returns the path of an account's page. */
export function accountPath(account: AccountRecord): string {
  return `${accountListPath(account)}/${account.id}`;
}

/** Returns the path of the page that lists an account. */
export function accountListPath({ appOnly }: AccountRecord): string {
  return appOnly ? "/admin/organisation" : "/admin/accounts";
}

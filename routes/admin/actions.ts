/**
 * What an operator can do to an account. All of it is confirmed and logged.
 *
 * @module
 */
import { type Context, HttpError } from "fresh";
import { getLogger } from "../../lib/log/mod.ts";
import { userOf } from "../../lib/web/session.ts";
import { define, type State } from "../../lib/web/state.ts";
import { readConfirmation } from "../parts/confirmation.ts";

/** Does it. @returns Whether what it is about existed. */
type Action = (ctx: Context<State>, accountId: string) => Promise<boolean>;

const log = getLogger("admin");

/** @param next Where the operator goes afterwards. */
function operatorAction(name: string, action: Action, next: (accountId: string) => string) {
  return define.handlers({
    async POST(ctx) {
      const { params, state } = ctx;
      const { id: account = "", password } = params;
      await readConfirmation(ctx);
      if (!await action(ctx, account)) throw new HttpError(404, "That is gone already.");
      log.info(name, { account, password, by: userOf(state).account.id });
      return ctx.redirect(state.site.path(next(account)), 303);
    },
  });
}

const accountPage = (accountId: string) => `/admin/accounts/${accountId}`;

/** Revokes an app password. */
export const revoke = operatorAction(
  "app password revoked by an operator",
  ({ params, state }, accountId) =>
    state.services.accounts.revokeAppPassword(accountId, params.password ?? ""),
  accountPage,
);

/** Ends the web sessions of an account. */
export const signOut = operatorAction(
  "browsers signed out by an operator",
  async ({ state: { services } }, accountId) => {
    const exists = await services.store.accounts.get(accountId) !== undefined;
    await services.accounts.signOutEverywhere(accountId);
    return exists;
  },
  accountPage,
);

/** Deletes an account. */
export const deleteAccount = operatorAction(
  "account deleted by an operator",
  ({ state }, accountId) => state.services.accounts.delete(accountId),
  () => "/admin/accounts",
);

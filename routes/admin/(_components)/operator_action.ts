import { type Context, HttpError } from "fresh";
import { getLogger } from "../../../lib/log/mod.ts";
import { define, type State, userOf } from "../../../lib/web/mod.ts";
import { readConfirmation } from "../../(_components)/confirmation.ts";

/** Acts on an account. @returns whether what it is about existed. */
type Action = (ctx: Context<State>, accountId: string) => Promise<boolean>;

const log = getLogger("admin");

/**
 * Handles the form by which an operator acts on the account that the address names, after a confirmation.
 *
 * @param name Of the action, for the log.
 * @param next Where the operator goes afterwards.
 */
export function operatorAction(
  name: string,
  action: Action,
  next: (accountId: string) => string = (accountId) => `/admin/accounts/${accountId}`,
) {
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

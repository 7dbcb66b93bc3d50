import { define, endSession, userOf } from "../../lib/web/mod.ts";
import { readConfirmation } from "../(_components)/confirmation.ts";

/** Deletes the account with everything that belongs to it; mail clients that use it are cut off. */
export const handler = define.handlers({
  async POST(ctx) {
    await readConfirmation(ctx);
    await ctx.state.services.accounts.delete(userOf(ctx.state).account.id);
    return endSession(ctx);
  },
});

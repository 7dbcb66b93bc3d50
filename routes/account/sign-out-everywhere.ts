import { define, endSession, userOf } from "../../lib/web/mod.ts";

/** Signs every browser of the account out. Mail clients go on sending. */
export const handler = define.handlers({
  async POST(ctx) {
    const { services } = ctx.state;
    await services.accounts.signOutEverywhere(userOf(ctx.state).account.id);
    return endSession(ctx, "You have signed out of all browsers. Your devices go on sending.");
  },
});

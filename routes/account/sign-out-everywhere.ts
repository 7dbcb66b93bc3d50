import { define, endSession, userOf } from "../../lib/web/mod.ts";

/** Signs every browser of the account out. Mail clients go on sending. */
export const handler = define.handlers({
  async POST(ctx) {
    const { services } = ctx.state;
    const { id, email } = userOf(ctx.state).account;
    await services.accounts.signOutEverywhere(id);
    await services.audit.record(email, "signed out all browsers of an account", email);
    return endSession(ctx, "You have signed out of all browsers. Your devices keep sending.");
  },
});

import { define, endSession, userOf } from "../../lib/web/mod.ts";

/** Signs this browser out. Mail clients go on sending. */
export const handler = define.handlers({
  async POST(ctx) {
    const { email } = userOf(ctx.state).account;
    await ctx.state.services.audit.record(email, "signed out", email);
    return endSession(ctx, "You have signed out. Your devices keep sending.");
  },
});

import { HttpError } from "fresh";
import { readForm } from "../../lib/web/form.ts";
import { endSession, userOf } from "../../lib/web/session.ts";
import { define } from "../../lib/web/state.ts";

/** Deletes the account with everything that belongs to it; mail clients that use it are cut off. */
export const handler = define.handlers({
  async POST(ctx) {
    const form = await readForm(ctx.req);
    if (form.get("confirm") !== "yes") {
      throw new HttpError(400, "Tick the box to confirm that the account is to be deleted.");
    }
    await ctx.state.services.accounts.delete(userOf(ctx.state).account.id);
    return endSession(ctx);
  },
});

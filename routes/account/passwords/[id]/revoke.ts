import { HttpError } from "fresh";
import { define, userOf } from "../../../../lib/web/mod.ts";

/** Revokes an app password; connections that were opened with it are cut. */
export const handler = define.handlers({
  async POST(ctx) {
    const { services, site } = ctx.state;
    const { account } = userOf(ctx.state);
    const revoked = await services.accounts.revokeAppPassword(account.id, ctx.params.id ?? "");
    if (!revoked) throw new HttpError(404, "This app password has already been revoked.");
    return ctx.redirect(site.path("/account#passwords"), 303);
  },
});

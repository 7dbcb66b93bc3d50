import { define } from "../lib/web/mod.ts";

/** The older proxy's page with the settings for mail clients: bookmarks lead here. */
export const handler = define.handlers({
  GET: (ctx) => ctx.redirect(ctx.state.site.path("/account"), 308),
});

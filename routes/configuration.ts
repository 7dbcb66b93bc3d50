import { define } from "../lib/web/mod.ts";

/** The older proxy's page with the settings for mail clients: bookmarks lead here. */
export const handler = define.handlers({
  GET: ({ redirect, state: { site } }) => redirect(site.path("/account"), 308),
});

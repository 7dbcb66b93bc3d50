import { ONE_TIME_LINK } from "../../lib/admin/mod.ts";
import { define, redirectWithFlash } from "../../lib/web/mod.ts";

/** Ends the session that a one-time link has opened. */
export const handler = define.handlers({
  async POST(ctx) {
    const { services: { adminAccess, audit }, site } = ctx.state;
    const cookie = await adminAccess.end(ctx.req.headers.get("cookie"), site.secure);
    await audit.record(ONE_TIME_LINK, "ended a session", "the administration");
    const response = redirectWithFlash(ctx, "/", "You have left the administration.");
    response.headers.append("set-cookie", cookie);
    return response;
  },
});

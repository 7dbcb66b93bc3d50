import { define, endSession } from "../../lib/web/mod.ts";

/** Signs this browser out. Mail clients go on sending. */
export const handler = define.handlers({
  POST: (ctx) => endSession(ctx, "You have signed out. Your devices go on sending."),
});

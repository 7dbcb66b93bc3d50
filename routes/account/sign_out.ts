import { endSession } from "../../lib/web/session.ts";
import { define } from "../../lib/web/state.ts";

/** Signs this browser out. Mail clients go on sending. */
export const handler = define.handlers({
  POST: (ctx) => endSession(ctx),
});

import { define } from "../../../../lib/web/mod.ts";
import { APPLE_PROFILE, setupFile } from "../../(_components)/new_password.ts";

/** The configuration profile for Apple Mail, with a new app password. */
export const handler = define.handlers({
  POST: (ctx) => setupFile(ctx, APPLE_PROFILE),
});

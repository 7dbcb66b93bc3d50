import { define } from "../../../../lib/web/mod.ts";
import { AUTOCONFIG, setupFile } from "../../(_components)/new_password.ts";

/** The configuration file for Thunderbird, with a new app password. */
export const handler = define.handlers({
  POST: (ctx) => setupFile(ctx, AUTOCONFIG),
});

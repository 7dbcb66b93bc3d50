import { define } from "../../../../lib/web/mod.ts";
import { AUTOCONFIG } from "../../../(_components)/setup_files.ts";
import { carriedFile } from "../../(_components)/new_password.ts";

/** The configuration file for Thunderbird, with a new app password. */
export const handler = define.handlers({
  POST: (ctx) => carriedFile(ctx, AUTOCONFIG),
});

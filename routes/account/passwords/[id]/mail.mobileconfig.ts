import { define } from "../../../../lib/web/mod.ts";
import { APPLE_PROFILE } from "../../../(_components)/setup_files.ts";
import { carriedFile } from "../../(_components)/new_password.ts";

/** The configuration profile for Apple Mail, with a new app password. */
export const handler = define.handlers({
  POST: (ctx) => carriedFile(ctx, APPLE_PROFILE),
});

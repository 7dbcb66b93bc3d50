import { define } from "../../../lib/web/mod.ts";
import { APPLE_PROFILE, setupFileAnswer } from "../../(_components)/setup_files.ts";

/** The configuration profile for Apple Mail, without a password. */
export const handler = define.handlers({
  GET: ({ state }) => setupFileAnswer(APPLE_PROFILE, state),
});

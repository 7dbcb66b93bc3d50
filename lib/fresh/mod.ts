/**
 * The part of Fresh 2's public API that this program uses, over Preact. It is not Fresh: `docs/architecture.md` says what
 * it has, and how to run the same pages on Fresh itself. It is stricter in that {@linkcode App.use} refuses what would guard
 * nothing, and {@linkcode Context.redirect} never leaves the site by a path.
 *
 * @module
 */
export { App } from "./app.ts";
export type { Context } from "./context.ts";
export { createDefine } from "./define.ts";
export { HttpError, page } from "./handlers.ts";
export { staticFiles } from "./static_files.ts";

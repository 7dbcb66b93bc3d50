/**
 * A small implementation of the part of Fresh 2's public API that this program uses, over Preact. It is not Fresh: see
 * the README for how to switch to it. Where ours is stricter: {@linkcode csp} allows nothing inline,
 * {@linkcode csrf} refuses requests that do not say where they come from, error pages pass through the middlewares that
 * were added before them, and 405 carries `Allow`.
 *
 * @module
 */
export { App } from "./app.ts";
export type { Context, FreshConfig, Middleware, PageProps, RouteComponent } from "./context.ts";
export { csp, type CSPOptions } from "./csp.ts";
export { csrf, type CsrfOptions } from "./csrf.ts";
export { createDefine, type Define } from "./define.ts";
export { HttpError } from "./error.ts";
export {
  type HandlerByMethod,
  type HandlerFn,
  type Method,
  page,
  type PageResponse,
} from "./handlers.ts";
export type { Route } from "./route.ts";
export { staticFiles } from "./static_files.ts";

/**
 * Parts without state that pages and islands share. No secrets and no server code: browsers load what islands use of it.
 *
 * @module
 */
export { Code } from "./code.ts";
export { Icon } from "./icon.ts";
export * from "./icons.ts";

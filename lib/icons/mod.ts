/**
 * Icons for pages and islands. No secrets and no server code: browsers load what islands use of it.
 *
 * @module
 */
export { Icon } from "./icon.ts";
export * from "./icons.ts";

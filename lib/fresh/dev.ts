/**
 * Builds what browsers load, and the table of the routes: the counterpart of `fresh/dev`.
 *
 * @module
 */
export { Builder } from "./builder.ts";

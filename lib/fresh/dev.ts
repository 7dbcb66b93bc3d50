/**
 * Builds what browsers load: the counterpart of `fresh/dev`.
 *
 * @module
 */
export { Builder, type BuildOptions } from "./builder.ts";

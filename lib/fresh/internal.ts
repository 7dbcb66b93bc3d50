/**
 * Gives an app what a build has made: the counterpart of `fresh/internal`.
 *
 * @module
 */
export { applySnapshot } from "./app.ts";
export { type BuildSnapshot, createSnapshot, loadSnapshot } from "./snapshot.ts";

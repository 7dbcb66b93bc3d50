/**
 * Loads the build of `lib/fresh`. The import map calls this module "build"; `build_jsr.ts` takes its place on Fresh itself.
 *
 * @module
 */
import type { App } from "fresh";
import { applySnapshot, loadSnapshot } from "fresh/internal";

/** Gives an app the routes, scripts and static files that the build has made. */
export type Build = <State>(app: App<State>) => void;

/** The mode of builds for `deno task dev`. */
export const DEVELOPMENT_MODE = "development";

/** Loads the build. @throws {Error} with the remedy, when there is none. */
export async function loadBuild(): Promise<Build> {
  const snapshot = await loadSnapshot(() => import("build/snapshot"));
  return (app) => applySnapshot(app, snapshot);
}

/** Returns the nonce of the inline scripts in a page: `lib/fresh` writes none. */
export function readNonce(_response: Response): string | undefined {
  return undefined;
}

/**
 * Loads the build of Fresh itself, as its own `_fresh/server.js` does: `deno.jsr.json` puts this module in the place of
 * `build_own.ts`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { App } from "fresh";
import { ProdBuildCache, setBuildCache } from "fresh/internal";

/** Gives an app the routes, scripts and static files that the build has made. */
export type Build = <State>(app: App<State>) => void;

/** The mode of builds for `fresh:dev`: Fresh's scripts for development want the server of its Builder, not ours. */
export const DEVELOPMENT_MODE = "production";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A file of `routes/` in the build: its exports, or a function that loads them. */
interface BuiltRoute {
  readonly mod: unknown;
}

/** Loads the build. */
export async function loadBuild(): Promise<Build> {
  const built = await import("build/snapshot");
  const snapshot = { ...built, fsRoutes: await Promise.all(built.fsRoutes.map(loadRoute)) };
  return <State>(app: App<State>) =>
    // The module is JavaScript, so its types are not precise.
    setBuildCache(app, new ProdBuildCache<State>(ROOT, snapshot as never), "production");
}

/**
 * Loads a route now. One that Fresh loads with its first request is registered for all methods, and answers those that it
 * does not have with 404, not 405.
 */
async function loadRoute(route: BuiltRoute): Promise<BuiltRoute> {
  const { mod } = route;
  return typeof mod === "function" ? { ...route, mod: await mod() } : route;
}

/** Fresh marks the pages that it has rendered with it, for its own `csp()`. */
const NONCE = Symbol.for("__freshNonce");

/** Returns the nonce of the inline scripts that Fresh has written into a page. */
export function readNonce(response: Response): string | undefined {
  return Reflect.get(response, NONCE);
}

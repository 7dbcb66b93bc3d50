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

/** Loads the build. */
export async function loadBuild(): Promise<Build> {
  const snapshot = await import("build/snapshot");
  return <State>(app: App<State>) =>
    // The module is JavaScript, so its types are not precise.
    setBuildCache(app, new ProdBuildCache<State>(ROOT, snapshot as never), "production");
}

const HTML = /^text\/html\b/;
const NONCE = /<script\b[^>]*\bnonce="([^"]+)"/;
/** Some versions of Fresh tell their own `csp()` the nonce by it. */
const NONCE_HEADER = "x-fresh-nonce";

/** Returns the response, and the nonce of the inline scripts that Fresh has written into its page. */
export async function readNonce(
  response: Response,
): Promise<readonly [response: Response, nonce?: string]> {
  response.headers.delete(NONCE_HEADER);
  if (!HTML.test(response.headers.get("content-type") ?? "") || !response.body) return [response];
  const html = await response.text();
  return [new Response(html, response), NONCE.exec(html)?.[1]];
}

/**
 * Functions for islands and pages: the counterpart of `fresh/runtime`.
 *
 * @module
 */
import { currentRender } from "./render_scope.ts";

/** Query parameter that carries the hash of a static file's content. */
export const VERSION_PARAMETER = "v";

/**
 * Returns the address of a static file with a mark of its content, so that browsers may keep it for good.
 *
 * @param path As in `static/`, such as `/styles.css`. A file that is not there keeps its plain path.
 */
export function asset(path: string): string {
  const files = currentRender()?.snapshot?.files;
  const address = files?.has(path) ? path : new URL(path, "http://site.invalid").pathname;
  const file = files?.get(address);
  return file ? `${address}?${VERSION_PARAMETER}=${file.hash}` : path;
}

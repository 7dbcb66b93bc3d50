/**
 * What islands and pages may import: the counterpart of `fresh/runtime`.
 *
 * @module
 */
import { currentRender } from "./render_scope.ts";

/** Whether this code runs in a browser. */
export const IS_BROWSER = typeof document !== "undefined";

/** Query parameter that carries the hash of a static file's content. */
export const VERSION_PARAMETER = "v";

/**
 * The address of a static file with a mark of its content, so that browsers may keep it for good.
 *
 * @param path As in `static/`, such as `/styles.css`. A file that is not there keeps its plain path.
 * @param basePath Prefix of the site, see `config.basePath`.
 */
export function asset(path: string, basePath = ""): string {
  const file = currentRender()?.snapshot?.files.get(path);
  return basePath + path + (file ? `?${VERSION_PARAMETER}=${file.hash}` : "");
}

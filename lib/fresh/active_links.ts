import type { VNode } from "preact";
import { currentRender } from "./render_scope.ts";

/** Not `//host`. */
const OWN_PATH = /^\/(?!\/)/;

/**
 * Tells assistive technology and style sheets which links lead here, as Fresh does: `aria-current` is `page` on a link to
 * the page itself, and `true` on one to a page above it. The query does not count: a link to another part of the same list
 * says `aria-current="false"` itself, and is left alone.
 */
export function markActiveLink({ type, props }: VNode): void {
  if (type !== "a") return;
  const scope = currentRender();
  const link = props as Record<string, unknown>;
  if (!scope || "aria-current" in link) return;
  if (typeof link.href !== "string" || !OWN_PATH.test(link.href)) return;
  const here = withoutSlash(scope.pathname);
  const target = withoutSlash(new URL(link.href, "http://site.invalid").pathname);
  if (target === here) Object.assign(link, { "data-current": "true", "aria-current": "page" });
  else if (`${here}/`.startsWith(`${target}/`)) {
    Object.assign(link, { "data-ancestor": "true", "aria-current": "true" });
  }
}

/** `/` becomes empty, so that it is above everything. */
function withoutSlash(pathname: string): string {
  return pathname.replace(/\/$/, "");
}

/**
 * Protection of the pages by the product itself, whatever serves them: headers of every answer, and forged forms.
 *
 * @module
 */
import { HttpError } from "fresh";
import { SECURITY_HEADERS } from "../http/mod.ts";
import type { Site } from "./site.ts";
import { define } from "./utils.ts";

const HALF_A_YEAR_S = 182 * 24 * 60 * 60;

/**
 * Sets the security headers of a response. What does not say how long it may be kept is not kept at all.
 *
 * @param site Present: as browsers see it. HTTPS is remembered by them.
 * @param nonce Of the inline scripts that Fresh itself has written; `lib/fresh` writes none.
 */
export function setSecurityHeaders(headers: Headers, site?: Site, nonce?: string): void {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) headers.set(name, value);
  if (nonce !== undefined) headers.set("content-security-policy", withNonce(nonce));
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  if (site?.secure) headers.set("strict-transport-security", `max-age=${HALF_A_YEAR_S}`);
}

function withNonce(nonce: string): string {
  const script = "script-src 'self'";
  return SECURITY_HEADERS["content-security-policy"]!
    .replace(script, `${script} 'nonce-${nonce}'`);
}

const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** `none`: the person did it, by the address bar or a bookmark; no other site can bring that about. */
const OWN_SITES: ReadonlySet<string> = new Set(["same-origin", "none"]);

/**
 * Refuses with 403 what could change something and does not come from our own pages, by `Sec-Fetch-Site` (Fetch Metadata)
 * or `Origin` (RFC 6454). A request with neither is refused as well: every browser in use sends one of them.
 */
export const csrf = define.middleware((ctx) => {
  const { method, headers } = ctx.req;
  const allowed = SAFE_METHODS.has(method) ||
    OWN_SITES.has(headers.get("sec-fetch-site") ?? "") ||
    headers.get("origin") === ctx.state.site.origin;
  if (!allowed) throw new HttpError(403, "This form was not sent from a page of this site.");
  return ctx.next();
});

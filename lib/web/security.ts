/**
 * Protection of the pages by the product itself, whatever serves them: headers of every answer, and forged forms.
 *
 * @module
 */
import { HttpError } from "fresh";
import type { Site } from "./site.ts";
import { define } from "./utils.ts";

const HALF_A_YEAR_S = 182 * 24 * 60 * 60;

/**
 * `same-origin`, not `no-referrer`: with the latter browsers send our own forms with `Origin: null`, and on plain HTTP that
 * is all there is to tell them from forged ones.
 */
const HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
};

/**
 * Content Security Policy Level 3. Nothing inline and nothing from elsewhere: our scripts and styles are files, and
 * islands' data is no script. No `upgrade-insecure-requests`: it breaks plain HTTP in a local network.
 */
const POLICY: Readonly<Record<string, string>> = {
  "default-src": "'none'",
  "script-src": "'self'",
  "style-src": "'self'",
  "img-src": "'self'",
  "font-src": "'self'",
  "connect-src": "'self'",
  "manifest-src": "'self'",
  "form-action": "'self'",
  "base-uri": "'none'",
  "frame-ancestors": "'none'",
};

const STRICT = policyText(POLICY);

function policyText(policy: Readonly<Record<string, string>>): string {
  return Object.entries(policy).map((directive) => directive.join(" ")).join("; ");
}

/**
 * Sets the security headers of a response. What does not say how long it may be kept is not kept at all.
 *
 * @param site Present: as browsers see it. HTTPS is remembered by them.
 * @param nonce Of the inline scripts that Fresh itself has written; `lib/fresh` writes none.
 */
export function setSecurityHeaders(headers: Headers, site?: Site, nonce?: string): void {
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  headers.set("content-security-policy", nonce === undefined ? STRICT : withNonce(nonce));
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  if (site?.secure) headers.set("strict-transport-security", `max-age=${HALF_A_YEAR_S}`);
}

function withNonce(nonce: string): string {
  return policyText({ ...POLICY, "script-src": `'self' 'nonce-${nonce}'` });
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

import { define } from "./state.ts";

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

/** Sets the security headers of every response. What does not say how long it may be kept is not kept at all. */
export const securityHeaders = define.middleware(async (ctx) => {
  const response = await ctx.next();
  const { headers } = response;
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  if (ctx.state.site?.secure) {
    headers.set("strict-transport-security", `max-age=${HALF_A_YEAR_S}`);
  }
  return response;
});

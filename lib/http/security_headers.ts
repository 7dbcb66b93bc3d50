/**
 * Headers that protect every answer, also those that no page makes.
 *
 * @module
 */
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

/** The headers of every answer. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  ...HEADERS,
  "content-security-policy": Object.entries(POLICY).map((directive) => directive.join(" ")).join(
    "; ",
  ),
};

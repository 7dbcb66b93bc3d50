/**
 * HTTP apart from pages: servers and their ports, limits, security headers, redirects, health, cookies and safe paths.
 *
 * @module
 */
export { AUTHORITY_PATH, authorityAnswer } from "./authority.ts";
export { SealedCookie } from "./cookie.ts";
export { healthHandler } from "./health.ts";
export { homeAddress } from "./home_address.ts";
export { type HttpHandler, HttpServer } from "./http_server.ts";
export { DEFAULT_HTTP_LIMITS } from "./limits.ts";
export { ACME_CHALLENGE_PATH, redirectHandler, UNKNOWN_CHALLENGE } from "./redirect.ts";
export { portProblem, portsToOpen, type PortToOpen, smtpEndpoints, usableHosts } from "./ports.ts";
export { safePath } from "./safe_path.ts";
export { SECURITY_HEADERS } from "./security_headers.ts";

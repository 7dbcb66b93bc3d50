/**
 * HTTP as such: servers, health, cookies and safe paths.
 *
 * @module
 */
export { SealedCookie } from "./cookie.ts";
export { healthHandler } from "./health.ts";
export { HttpServer } from "./http_server.ts";
export { usableHosts } from "./listen_hosts.ts";
export { portProblem, portsToOpen, type PortToOpen, smtpEndpoints } from "./listeners.ts";
export { safePath } from "./safe_path.ts";

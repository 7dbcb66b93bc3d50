/**
 * HTTP as such: servers and their ports, health, cookies and safe paths.
 *
 * @module
 */
export { SealedCookie } from "./cookie.ts";
export { healthHandler } from "./health.ts";
export { homeAddress } from "./home_address.ts";
export { HttpServer } from "./http_server.ts";
export { portProblem, portsToOpen, type PortToOpen, smtpEndpoints, usableHosts } from "./ports.ts";
export { safePath } from "./safe_path.ts";

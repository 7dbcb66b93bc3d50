/**
 * Certificates by ACME (RFC 8555): an account with an authority, orders, and the authority's advice on renewal (RFC 9773).
 *
 * @module
 */
export { type AccountOptions, openAccount } from "./account.ts";
export { orderCertificate } from "./order.ts";
export { AcmeProblem } from "./problem.ts";
export { certificateId, type RenewalWindow, renewalWindow } from "./renewal_info.ts";

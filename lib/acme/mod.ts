/**
 * The ACME protocol (RFC 8555): an account with a certificate authority, orders, and renewal information (RFC 9773).
 *
 * @module
 */
export { type AccountOptions, openAccount } from "./account.ts";
export { orderCertificate } from "./order.ts";
export { AcmeProblem } from "./problem.ts";
export { certificateId, type RenewalWindow, renewalWindow } from "./renewal_info.ts";

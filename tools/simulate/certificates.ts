/**
 * The certificates of the simulation: the product's own small authority makes them.
 *
 * @module
 */
export { CertificateAuthority, type CertificateRequest } from "../../lib/certificates/authority.ts";

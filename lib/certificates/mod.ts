/**
 * The TLS certificates: reading, checking and watching their files.
 *
 * @module
 */
export { CertificateWatch } from "./certificate_watch.ts";
export {
  type Certificate,
  CertificateError,
  type CertificatePair,
  chainProblem,
  coversHost,
  parseCertificate,
  readPair,
  validityProblem,
} from "./certificates.ts";

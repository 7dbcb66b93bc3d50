/**
 * The TLS certificates: what they say, what is wrong with them, and watching their files.
 *
 * @module
 */
export { CertificateWatch } from "./certificate_watch.ts";
export {
  type Certificate,
  CertificateError,
  chainProblem,
  coversHost,
  parseCertificate,
  readPair,
  validityProblem,
} from "./certificates.ts";

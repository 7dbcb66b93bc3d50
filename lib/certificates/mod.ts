/**
 * The TLS certificates: what they say, what is wrong with them, watching their files, and keeping them valid.
 *
 * @module
 */
export { openRenewer } from "./automatic.ts";
export { CertificateWatch } from "./certificate_watch.ts";
export {
  type Certificate,
  CertificateError,
  chainProblem,
  coversHost,
  expiryDay,
  isSelfSigned,
  parseCertificate,
  readPair,
  validityProblem,
} from "./certificates.ts";
export type { CertificateRenewer } from "./renewer.ts";
export { type ChallengeAnswers, readSharedCertificate, type Turn, type Turns } from "./storage.ts";

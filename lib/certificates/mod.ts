/**
 * The TLS certificates: their content and their problems, watching their files, and renewing them.
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

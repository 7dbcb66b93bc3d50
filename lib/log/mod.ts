/**
 * The structured log, with secrets redacted.
 *
 * @module
 */
export { LineDigest, shortName } from "./digest.ts";
export { configureLogging, getLogger, type Logger } from "./log.ts";

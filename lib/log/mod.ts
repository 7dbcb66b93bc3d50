/**
 * The structured log, with secrets redacted.
 *
 * @module
 */
export { configureLogging, getLogger, type Logger } from "./log.ts";

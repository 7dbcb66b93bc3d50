/**
 * The settings: one table, parsed and validated into one typed configuration.
 *
 * @module
 */
export { type AddressMatcher, addressMatcher, parseRange } from "./addresses.ts";
export { type CertificateFiles, type ListenConfig, parseConfig, type SmtpPorts } from "./config.ts";
export { describeConfig } from "./describe.ts";
export { readEnvironment } from "./environment.ts";
export { ConfigError } from "./problem.ts";
export type { Environment, FileReader } from "./reader.ts";
export { type RegistrationRule, ruleFileEntries, ruleList, ruleRegex } from "./rules.ts";
export { SETTINGS } from "./settings.ts";
export { nearest } from "./spelling.ts";
export type { ActivityConfig, Config, SmtpConfig } from "./types.ts";

/**
 * The settings: one table, parsed and validated into one typed configuration.
 *
 * @module
 */
export type { AcmeConfig, AutomaticCertificate } from "./automatic_certificate.ts";
export { type CertificateFiles, checkPair, pemCertificates } from "./certificate.ts";
export { parseConfig } from "./config.ts";
export {
  type DatabaseAddress,
  type DatabaseConfig,
  isDatabaseUrl,
  parseDatabaseUrl,
} from "./database.ts";
export { DEFAULT_ENV_FILE, DEFAULT_ENV_FILES, envFileDoubts, readSettings } from "./environment.ts";
export type { SettingInEffect } from "./in_effect.ts";
export { listenersOf } from "./listeners.ts";
export { isOneOrganisation } from "./microsoft.ts";
export { nearest, VARIABLES } from "./names.ts";
export {
  endpointOf,
  hostWithin,
  isEmail,
  isPublicName,
  parseRange,
  reachableHost,
  withoutBrackets,
} from "./network.ts";
export { ConfigError, type Environment, type FileReader, type Problem } from "./reader.ts";
export {
  type AppRegistration,
  type ClientAuthentication,
  parseDay,
  registrationFiles,
} from "./registrations.ts";
export { type RegistrationRule, ruleFileEntries, ruleList, ruleRegex } from "./rules.ts";
export { rangeText, type Setting, settingOf, SETTINGS } from "./settings/table.ts";
export type { SmtpConfig } from "./smtp.ts";
export type { ActivityConfig, Config } from "./types.ts";
export type { ListenConfig, SiteContact } from "./web.ts";

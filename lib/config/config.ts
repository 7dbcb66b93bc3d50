/**
 * The configuration: from environment variables to one validated value. Every setting is described in
 * `config/settings.ts`.
 *
 * @module
 */
import { checkClashes } from "./listeners.ts";
import {
  parseDefaultClientId,
  parseMicrosoft,
  parseRegistrations,
  parseTarget,
} from "./microsoft.ts";
import {
  parseActivity,
  parseAdminEmails,
  parseAlertWebhook,
  parseLog,
  parseMetrics,
} from "./operation.ts";
import { parseRules } from "./parse_rules.ts";
import { ConfigError } from "./problem.ts";
import { type Environment, type FileReader, SettingsReader } from "./reader.ts";
import { parseSmtp, parseUpstream, smtpListeners } from "./smtp.ts";
import type { Config } from "./types.ts";
import { checkUnknown } from "./unknown.ts";
import { parseHttp, parsePublicUrl, parseSession, parseTrustProxy } from "./web.ts";

export type { AddressMatcher } from "./addresses.ts";
export { describeConfig } from "./describe.ts";
export { ConfigError, type Problem } from "./problem.ts";
export type { Environment, FileReader } from "./reader.ts";
export { type RegistrationRule, ruleFileEntries, ruleList, ruleRegex } from "./rules.ts";
export type * from "./types.ts";

/** What {@linkcode parseConfig} needs besides the variables. */
export interface ParseOptions {
  /** Reads the files that settings name: keys, certificates, account filters. */
  readonly readFile: FileReader;
  /** Decides where the servers listen by default: in production on all addresses, else on localhost. */
  readonly production: boolean;
}

/**
 * Reads and validates all settings.
 *
 * @throws {ConfigError} with every problem that was found.
 */
export function parseConfig(env: Environment, options: ParseOptions): Config {
  const settings = new SettingsReader(env, options.readFile);
  const config = readConfig(settings, options.production);
  checkUnknown(settings, env);
  checkTogether(settings, config);
  if (settings.problems.length > 0) throw new ConfigError(settings.problems);
  return config;
}

function readConfig(settings: SettingsReader, production: boolean): Config {
  const registrations = parseRegistrations(settings);
  const smtp = parseSmtp(settings, production);
  return {
    registrations,
    defaultClientId: parseDefaultClientId(settings, registrations),
    session: parseSession(settings),
    sqlitePath: settings.textOrDefault("SQLITE_PATH"),
    microsoft: parseMicrosoft(settings),
    target: parseTarget(settings),
    smtp,
    upstream: parseUpstream(settings),
    http: parseHttp(settings, smtp.hosts),
    publicUrl: parsePublicUrl(settings),
    trustProxy: parseTrustProxy(settings),
    registrationRules: parseRules(settings),
    log: parseLog(settings),
    metrics: parseMetrics(settings),
    adminEmails: parseAdminEmails(settings),
    alertWebhookUrl: parseAlertWebhook(settings),
    activity: parseActivity(settings),
  };
}

/** What only several settings together show. */
function checkTogether(settings: SettingsReader, config: Config): void {
  const { smtp, http, metrics, trustProxy } = config;
  checkClashes(settings, [
    ...smtpListeners(smtp),
    { variable: "HTTP_PORT", hosts: http.hosts, ports: [http.port] },
    ...(metrics ? [{ variable: "METRICS_PORT", ...metrics, ports: [metrics.port] } as const] : []),
  ]);
  if (smtp.proxyProtocol !== "off" && trustProxy.ranges.length === 0) {
    settings.problem(
      "SMTP_PROXY_PROTOCOL",
      "has no effect without TRUST_PROXY.",
      "Name the proxies in TRUST_PROXY, or set SMTP_PROXY_PROTOCOL=off.",
    );
  }
}

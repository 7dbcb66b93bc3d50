/**
 * Turns environment variables into one validated configuration. The settings are described in `settings/table.ts`.
 *
 * @module
 */
import { LOOPBACK_ADDRESSES, Secret } from "../base/mod.ts";
import { parseAutomaticCertificate, parseAutomaticSource } from "./automatic_certificate.ts";
import { parseDatabase } from "./database.ts";
import { settingsInEffect } from "./in_effect.ts";
import { clashes, listenersOf } from "./listeners.ts";
import { parseMicrosoft, parseTarget } from "./microsoft.ts";
import { formerSettings, misspeltSettings, unknownSettings } from "./names.ts";
import { EMAIL, parseBaseUrl, parseListenHosts, parseUrl } from "./network.ts";
import {
  ConfigError,
  type Environment,
  type FileReader,
  type Problem,
  SettingsReader,
} from "./reader.ts";
import { parseDefaultClientId, parseRegistrations } from "./registrations.ts";
import { risksOf } from "./risks.ts";
import { parseRules } from "./rules.ts";
import { parseSmtp, parseUpstream, untruePublicPorts } from "./smtp.ts";
import type { Config } from "./types.ts";
import {
  type ListenConfig,
  parseHttp,
  parseSession,
  parseSiteContact,
  parseTrustProxy,
  parseWebmailUrl,
  publicUrlOf,
} from "./web.ts";

type Settings = Omit<Config, "warnings" | "inEffect">;

/**
 * Parses and validates all settings.
 *
 * @param readFile Reads the files that settings name: keys, certificates, account filters.
 * @param sourceOf Returns where a variable was set, for display.
 * @throws {ConfigError} with every problem that was found.
 */
export function parseConfig(
  env: Environment,
  readFile: FileReader,
  sourceOf: (name: string) => string = () => "environment",
): Config {
  const reader = new SettingsReader(env, readFile);
  const settings = parseSettings(reader);
  const problems = [
    ...reader.problems,
    ...unknownSettings(env),
    ...clashes(listenersOf(settings)),
    ...contradictions(settings),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  const doubts = [
    ...formerSettings(env),
    ...misspeltSettings(env),
    ...untruePublicPorts(env, settings.smtp),
  ];
  return {
    ...settings,
    warnings: [...doubts, ...risksOf(settings)],
    inEffect: settingsInEffect(env, sourceOf),
  };
}

function parseSettings(reader: SettingsReader): Settings {
  const microsoft = parseMicrosoft(reader);
  const registrations = parseRegistrations(reader, microsoft.tenant);
  const sqlitePath = reader.textOrDefault("SQLITE_PATH");
  const automatic = parseAutomaticSource(reader, sqlitePath);
  const smtp = parseSmtp(reader, automatic);
  const http = parseHttp(reader, smtp.hosts, automatic);
  const isForPages = automatic !== undefined && http.certificate === automatic.files;
  const publicUrl = parsePublicUrl(reader) ??
    (isForPages ? publicUrlOf(http, smtp.publicHost) : undefined);
  return {
    registrations,
    defaultClientId: parseDefaultClientId(reader, registrations, microsoft.tenant),
    session: parseSession(reader),
    sqlitePath,
    database: parseDatabase(reader),
    microsoft,
    target: parseTarget(reader),
    smtp,
    upstream: parseUpstream(reader),
    http,
    automaticCertificate: automatic &&
      parseAutomaticCertificate(reader, automatic, { smtp, http, publicUrl }),
    publicUrl,
    siteContact: parseSiteContact(reader),
    webmailUrl: parseWebmailUrl(reader),
    trustProxy: parseTrustProxy(reader),
    registrationRules: parseRules(reader),
    log: { format: reader.choice("LOG_FORMAT"), level: reader.choice("LOG_LEVEL") },
    metrics: parseMetrics(reader),
    adminEmails: parseAdminEmails(reader),
    siteNotice: reader.text("SITE_NOTICE"),
    alertWebhookUrl: parseAlertWebhook(reader),
    activity: {
      retentionDays: reader.integer("ACTIVITY_RETENTION_DAYS"),
      recipients: reader.choice("ACTIVITY_RECIPIENTS"),
    },
  };
}

function parsePublicUrl(reader: SettingsReader): string | undefined {
  const text = reader.text("PUBLIC_URL");
  if (text === undefined) return undefined;
  const url = parseBaseUrl(reader, "PUBLIC_URL", text);
  if (url.endsWith("/auth")) {
    const remedy = `Leave /auth out: PUBLIC_URL=${url.replace(/\/auth$/, "")}`;
    reader.problem("PUBLIC_URL", "is the redirect URI, not the address of the pages.", remedy);
  }
  return url;
}

function parseMetrics(reader: SettingsReader): ListenConfig | undefined {
  const port = reader.optionalInteger("METRICS_PORT");
  if (port !== undefined) {
    return { hosts: parseListenHosts(reader, "METRICS_HOST", LOOPBACK_ADDRESSES), ports: [port] };
  }
  if (reader.raw("METRICS_HOST") && reader.text("METRICS_PORT") === undefined) {
    const message = "has no effect without METRICS_PORT.";
    reader.problem("METRICS_HOST", message, "Set METRICS_PORT too.");
  }
}

function parseAdminEmails(reader: SettingsReader): string[] {
  const emails = reader.list("ADMIN_EMAILS").map((email) => email.toLowerCase());
  reader.check("ADMIN_EMAILS", EMAIL, ...emails);
  return emails;
}

function parseAlertWebhook(reader: SettingsReader): Secret | undefined {
  const text = reader.text("ALERT_WEBHOOK_URL");
  if (text === undefined) return undefined;
  const rules = { query: true, secret: true };
  return new Secret(parseUrl(reader, "ALERT_WEBHOOK_URL", text, rules));
}

function contradictions({ smtp, trustProxy, database }: Settings): Problem[] {
  const problems: Problem[] = [];
  if (smtp.proxyProtocol !== "off" && trustProxy.ranges.length === 0) {
    problems.push({
      variable: "SMTP_PROXY_PROTOCOL",
      message: "has no effect without TRUST_PROXY.",
      remedy: "Name the proxies in TRUST_PROXY, or set SMTP_PROXY_PROTOCOL=off.",
    });
  }
  if (smtp.reusePort && !database) {
    problems.push({
      variable: "SMTP_REUSE_PORT",
      message: "needs a database that replicas share.",
      remedy: "Set DATABASE_URL, or set SMTP_REUSE_PORT=off.",
    });
  }
  return problems;
}

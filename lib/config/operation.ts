import { Secret } from "../base/mod.ts";
import { isEmail, parseListenHosts, parseUrl } from "./network.ts";
import { type SettingsReader, shown } from "./reader.ts";
import type { ActivityConfig, ListenConfig, LogConfig } from "./types.ts";

export function parseLog(settings: SettingsReader): LogConfig {
  return { format: settings.choice("LOG_FORMAT"), level: settings.choice("LOG_LEVEL") };
}

/** Absent without `METRICS_PORT`. */
export function parseMetrics(settings: SettingsReader): ListenConfig | undefined {
  const port = settings.optionalInteger("METRICS_PORT");
  if (port !== undefined) {
    return { hosts: parseListenHosts(settings, "METRICS_HOST", "localhost"), port };
  }
  if (settings.raw("METRICS_HOST") && settings.text("METRICS_PORT") === undefined) {
    settings.problem(
      "METRICS_HOST",
      "has no effect without METRICS_PORT.",
      "Set METRICS_PORT too.",
    );
  }
}

export function parseAdminEmails(settings: SettingsReader): string[] {
  const emails = settings.list("ADMIN_EMAILS").map((email) => email.toLowerCase());
  for (const email of emails) {
    if (!isEmail(email)) {
      settings.problem(
        "ADMIN_EMAILS",
        `${shown(email)} is not an e-mail address.`,
        "Give addresses such as name@example.com, separated by commas.",
      );
    }
  }
  return emails;
}

export function parseAlertWebhook(settings: SettingsReader): Secret | undefined {
  const text = settings.text("ALERT_WEBHOOK_URL");
  if (text === undefined) return undefined;
  const rules = { query: true, secret: true };
  return new Secret(parseUrl(settings, "ALERT_WEBHOOK_URL", text, rules));
}

export function parseActivity(settings: SettingsReader): ActivityConfig {
  return {
    retentionDays: settings.integer("ACTIVITY_RETENTION_DAYS"),
    recipients: settings.choice("ACTIVITY_RECIPIENTS"),
  };
}

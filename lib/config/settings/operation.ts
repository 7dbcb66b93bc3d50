import type { Setting } from "./setting.ts";

const group = "Operation";

/** Storage, log, metrics and what administrators see. */
export const OPERATION_SETTINGS = [
  {
    name: "SQLITE_PATH",
    group,
    meaning: "The database file.",
    default: "data/db.sqlite",
  },
  {
    name: "LOG_FORMAT",
    group,
    meaning: "How log lines look: text for people, json for programs.",
    default: "text",
    choices: ["text", "json"],
  },
  {
    name: "LOG_LEVEL",
    group,
    meaning: "The least important lines that are written.",
    default: "info",
    choices: ["debug", "info", "warning", "error"],
  },
  {
    name: "METRICS_PORT",
    group,
    meaning: "Port on which /metrics, /healthz and /readyz listen apart from the web UI.",
    otherwise: "none (health answers on HTTP_PORT, metrics are off)",
    range: { min: 1, max: 65_535 },
    example: "9090",
  },
  {
    name: "METRICS_HOST",
    group,
    meaning: "Addresses for METRICS_PORT, separated by commas. Defined but empty: all addresses.",
    otherwise: "localhost",
    example: "127.0.0.1,::1",
  },
  {
    name: "ADMIN_EMAILS",
    group,
    meaning: "Accounts that may open the admin page, separated by commas.",
    otherwise: "none",
    example: "admin@example.com",
  },
  {
    name: "ALERT_WEBHOOK_URL",
    group,
    meaning:
      "Address that gets a JSON message by POST when something needs a person, such as an account that has to " +
      "sign in again.",
    otherwise: "none",
    example: "https://alerts.example.com/hook",
  },
  {
    name: "ACTIVITY_RETENTION_DAYS",
    group,
    meaning: "How long the record of deliveries is kept.",
    default: "30",
    range: { min: 1, max: 3_650, unit: "days" },
  },
  {
    name: "ACTIVITY_RECIPIENTS",
    group,
    meaning: "How much of the recipients' addresses the record of deliveries holds.",
    default: "domains",
    choices: ["none", "domains", "full"],
  },
] as const satisfies readonly Setting[];

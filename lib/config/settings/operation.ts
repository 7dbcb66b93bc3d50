import { PORT_RANGE, type SettingGroup } from "./setting.ts";

/** Storage, log, metrics and administration. */
export const OPERATION_SETTINGS = {
  SQLITE_PATH: {
    meaning: "Database file.",
    default: "data/db.sqlite",
  },
  DATABASE_URL: {
    meaning:
      "PostgreSQL database that several replicas share, instead of SQLITE_PATH. Version 14 or later. The connection is " +
      "encrypted and the server's certificate verified, except on this machine.",
    otherwise: "none (SQLITE_PATH)",
    example: "postgres://proxy:password@db.example.com:5432/proxy",
  },
  DATABASE_CA_FILE: {
    meaning:
      "PEM file with the certificate authority that issued the certificate of the PostgreSQL server.",
    otherwise: "the authorities of the system",
    example: "/etc/smtp-oauth2-proxy/database_ca.pem",
  },
  DATABASE_LISTEN_URL: {
    meaning:
      "The same database without a connection pooler such as PgBouncer, for notifications. They only make things faster: " +
      "without them, a replica learns of changes by the others within a second.",
    otherwise: "DATABASE_URL",
    example: "postgres://proxy:password@db.example.com:5432/proxy",
  },
  LOG_FORMAT: {
    meaning: "Format of log lines: text for people, json for programs.",
    default: "text",
    choices: ["text", "json"],
  },
  LOG_LEVEL: {
    meaning: "Lowest severity that is logged.",
    default: "info",
    choices: ["debug", "info", "warning", "error"],
  },
  METRICS_PORT: {
    meaning: "Separate port for /metrics, /healthz and /readyz.",
    otherwise: "none (health is served on HTTP_PORT, metrics are off)",
    range: PORT_RANGE,
    example: "9090",
  },
  METRICS_HOST: {
    meaning:
      "Addresses that METRICS_PORT listens on, separated by commas. Set but empty: all addresses.",
    otherwise: "localhost",
    example: "127.0.0.1,::1",
  },
  ADMIN_EMAILS: {
    meaning: "Accounts that can open the admin pages, separated by commas.",
    otherwise: "none",
    example: "admin@example.com",
  },
  SITE_NOTICE: {
    meaning:
      "Notice at the top of every page, for example about upcoming maintenance. Web addresses in it become links.",
    otherwise: "none",
    example: "Maintenance on Sunday from 20:00 to 21:00. See https://status.example.com",
  },
  ALERT_WEBHOOK_URL: {
    meaning:
      "URL that receives a JSON message by POST if something needs attention, such as an account that has to sign in " +
      "again.",
    otherwise: "none",
    example: "https://alerts.example.com/hook",
  },
  ACTIVITY_RETENTION_DAYS: {
    meaning: "How long delivery records are kept.",
    default: "30",
    range: { min: 1, max: 3_650, unit: "days" },
  },
  ACTIVITY_RECIPIENTS: {
    meaning: "How much of a recipient's address a delivery record keeps.",
    default: "domains",
    choices: ["none", "domains", "full"],
  },
} as const satisfies SettingGroup;

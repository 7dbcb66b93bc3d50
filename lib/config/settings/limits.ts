import {
  DEFAULT_POOL_LIMITS,
  DEFAULT_SERVER_LIMITS,
  DEFAULT_SESSION_LIMITS,
} from "../../../smtp/mod.ts";
import type { SettingGroup } from "./setting.ts";

/** Limits that depend on the site. All others are constants of the SMTP core, each with its reason. */
export const LIMIT_SETTINGS = {
  SMTP_MAX_MESSAGE_SIZE: {
    meaning: "Maximum size of a message. The default is Microsoft's own limit.",
    default: String(DEFAULT_SESSION_LIMITS.messageSizeOctets),
    range: { min: 65_536, max: 1_073_741_824, unit: "bytes" },
  },
  SMTP_MAX_RECIPIENTS: {
    meaning: "Maximum number of recipients of a message. The default is Microsoft's own limit.",
    default: String(DEFAULT_SESSION_LIMITS.recipientCount),
    range: { min: 100, max: 10_000, unit: "recipients" },
  },
  SMTP_MAX_CONNECTIONS: {
    meaning: "Maximum number of simultaneous client connections.",
    default: String(DEFAULT_SERVER_LIMITS.connectionCount),
    range: { min: 1, max: 100_000, unit: "connections" },
  },
  SMTP_MAX_CONNECTIONS_PER_ADDRESS: {
    meaning:
      "Maximum number of simultaneous connections from one address (IPv6: one /64 network), and of one account.",
    default: String(DEFAULT_SERVER_LIMITS.connectionCountPerAddress),
    range: { min: 1, max: 100_000, unit: "connections" },
  },
  SMTP_IDLE_TIMEOUT_S: {
    meaning: "How long a client can stay silent between commands.",
    default: String(DEFAULT_SESSION_LIMITS.idleTimeoutSeconds),
    range: { min: 1, max: 86_400, unit: "seconds" },
  },
  SMTP_SHUTDOWN_GRACE_S: {
    meaning: "How long a shutdown waits for messages in progress.",
    default: "30",
    range: { min: 0, max: 86_400, unit: "seconds" },
  },
  UPSTREAM_MAX_CONNECTIONS_PER_MAILBOX: {
    meaning:
      "Maximum number of messages sent at the same time for one mailbox. Microsoft allows 3.",
    default: String(DEFAULT_POOL_LIMITS.connectionsPerMailbox),
    range: { min: 1, max: 100, unit: "connections" },
  },
} as const satisfies SettingGroup;

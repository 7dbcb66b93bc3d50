import type { Setting } from "./setting.ts";

const clientGroup = "SMTP limits";
const upstreamGroup = "Connections to Microsoft";

/** No timeout is longer than a day. */
const seconds = { min: 1, max: 86_400, unit: "seconds" } as const;

/** What one client may use, and how the connections to the submission server are shared. */
export const LIMIT_SETTINGS = [
  {
    name: "SMTP_MAX_MESSAGE_SIZE",
    group: clientGroup,
    meaning: "Largest message. The default is what Microsoft accepts.",
    default: "157286400",
    range: { min: 65_536, max: 1_073_741_824, unit: "octets" },
  },
  {
    name: "SMTP_MAX_RECIPIENTS",
    group: clientGroup,
    meaning: "Most recipients of one message. The default is what Microsoft accepts.",
    default: "500",
    range: { min: 100, max: 10_000, unit: "recipients" },
  },
  {
    name: "SMTP_MAX_CONNECTIONS",
    group: clientGroup,
    meaning: "Most client connections at a time.",
    default: "2000",
    range: { min: 1, max: 100_000, unit: "connections" },
  },
  {
    name: "SMTP_MAX_CONNECTIONS_PER_ADDRESS",
    group: clientGroup,
    meaning: "Most connections at a time from one address (IPv6: one /64 network).",
    default: "50",
    range: { min: 1, max: 100_000, unit: "connections" },
  },
  {
    name: "SMTP_IDLE_TIMEOUT_S",
    group: clientGroup,
    meaning: "How long a client may be silent between commands.",
    default: "300",
    range: seconds,
  },
  {
    name: "SMTP_SHUTDOWN_GRACE_S",
    group: clientGroup,
    meaning: "How long a stop waits for messages that are under way.",
    default: "30",
    range: { min: 0, max: 86_400, unit: "seconds" },
  },
  {
    name: "UPSTREAM_MAX_CONNECTIONS_PER_MAILBOX",
    group: upstreamGroup,
    meaning: "Most messages of one mailbox at a time. Microsoft allows 3.",
    default: "3",
    range: { min: 1, max: 100, unit: "connections" },
  },
] as const satisfies readonly Setting[];

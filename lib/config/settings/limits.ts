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
    name: "SMTP_LOGIN_TIMEOUT_S",
    group: clientGroup,
    meaning: "How long a client may take from its connection to a successful login.",
    default: "60",
    range: seconds,
  },
  {
    name: "SMTP_DATA_TIMEOUT_S",
    group: clientGroup,
    meaning: "How long a client may be silent inside a message.",
    default: "180",
    range: seconds,
  },
  {
    name: "SMTP_MIN_DATA_RATE",
    group: clientGroup,
    meaning: "Slowest pace of a message, on average. 0: no limit.",
    default: "100",
    range: { min: 0, max: 1_048_576, unit: "octets per second" },
  },
  {
    name: "SMTP_MAX_COMMAND_LINE",
    group: clientGroup,
    meaning:
      "Longest command line, with its end. Lines of a login have a limit of their own (RFC 4954).",
    default: "2048",
    range: { min: 512, max: 65_536, unit: "octets" },
  },
  {
    name: "SMTP_MAX_ERRORS",
    group: clientGroup,
    meaning: "How many commands in a row may be refused before the connection ends.",
    default: "20",
    range: { min: 1, max: 10_000, unit: "commands" },
  },
  {
    name: "SMTP_MAX_LOGIN_FAILURES",
    group: clientGroup,
    meaning: "How many logins may fail before the connection ends.",
    default: "3",
    range: { min: 1, max: 100, unit: "logins" },
  },
  {
    name: "SMTP_MAX_IDLE_COMMANDS",
    group: clientGroup,
    meaning:
      "How many commands that send nothing (NOOP, RSET, EHLO …) a client may use for a message.",
    default: "100",
    range: { min: 10, max: 100_000, unit: "commands" },
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
  {
    name: "UPSTREAM_QUEUE_TIMEOUT_S",
    group: upstreamGroup,
    meaning:
      "How long a message waits for a free connection before its client is told to try later.",
    default: "60",
    range: seconds,
  },
  {
    name: "UPSTREAM_IDLE_TIMEOUT_S",
    group: upstreamGroup,
    meaning: "How long an unused connection stays open. Microsoft closes it after about 5 minutes.",
    default: "120",
    range: seconds,
  },
  {
    name: "UPSTREAM_MAX_AGE_S",
    group: upstreamGroup,
    meaning: "How old a connection may become before it is replaced.",
    default: "900",
    range: seconds,
  },
] as const satisfies readonly Setting[];

/**
 * Restrictions of an app password, as entered: its recipients, its daily number of messages, and the client addresses that
 * stand for a login with it.
 *
 * @module
 */
import { isWithin, lowerCaseAscii } from "../../smtp/mod.ts";
import { parseRange } from "../config/mod.ts";
import type { AppPassword, AppPasswordRules } from "../store/mod.ts";
import {
  InputError,
  MAX_PATTERN_LENGTH,
  parseSender,
  PATTERN,
  type SenderChoice,
} from "./input.ts";

/** Restrictions as entered. Absent or empty: none. */
export interface RestrictionChoice {
  /** Addresses and domains, separated by commas, spaces or line ends. */
  readonly allowedRecipients?: string;
  /** A whole number of messages within 24 hours. */
  readonly dailyLimit?: string;
  /** Addresses and networks, separated by commas, spaces or line ends. */
  readonly clientAddresses?: string;
}

/** Restrictions as stored. */
export type Restrictions = Pick<
  AppPassword,
  "allowedRecipients" | "dailyLimit" | "clientAddresses"
>;

const MAX_ENTRIES = 50;
const MAX_DAILY_LIMIT = 1_000_000;
const SEPARATOR = /[\s,;]+/;
/** A domain, with or without the at sign in front. */
const DOMAIN = /^@?([^\s@*<>,]+\.[^\s@*<>,]+)$/;

/**
 * Parses restrictions.
 *
 * @param networks Ranges in CIDR notation in which an address may stand for a login.
 * @throws {InputError}
 */
export function parseRestrictions(
  { allowedRecipients = "", dailyLimit = "", clientAddresses = "" }: RestrictionChoice,
  networks: readonly string[],
): Restrictions {
  return {
    allowedRecipients: parseRecipients(allowedRecipients),
    dailyLimit: parseDailyLimit(dailyLimit),
    clientAddresses: parseAddresses(clientAddresses, networks),
  };
}

/** New rules for an app password, as entered. */
export interface RuleChoice extends SenderChoice, RestrictionChoice {}

/**
 * Returns the rules of an app password after a change.
 *
 * @param choice Absent fields stay as they are; empty ones are removed.
 * @throws {InputError}
 */
export function changedRules(
  known: AppPasswordRules,
  choice: RuleChoice,
  networks: readonly string[],
): AppPasswordRules {
  const { senderRule, allowedSender } = choice;
  const isSenderChosen = senderRule !== undefined || allowedSender !== undefined;
  const { forcedSender, ...sender } = isSenderChosen ? parseSender(choice) : known;
  const entered = parseRestrictions(choice, networks);
  const after = <Name extends keyof Restrictions>(name: Name) =>
    choice[name] === undefined ? known[name] : entered[name];
  return {
    forcedSender,
    allowedSender: sender.allowedSender,
    allowedRecipients: after("allowedRecipients"),
    dailyLimit: after("dailyLimit"),
    clientAddresses: after("clientAddresses"),
  };
}

/** Returns allowed recipients as patterns: `example.com` becomes `*@example.com`. */
function parseRecipients(entered: string): string | undefined {
  const patterns = entriesOf("allowed-recipients", entered).map((entry) => {
    const domain = DOMAIN.exec(entry)?.[1];
    const pattern = lowerCaseAscii(domain === undefined ? entry : `*@${domain}`);
    if (pattern.length <= MAX_PATTERN_LENGTH && PATTERN.test(pattern)) return pattern;
    throw new InputError(
      "allowed-recipients",
      `“${entry}” is neither an address nor a domain. Enter recipients such as anna@example.com or example.com.`,
    );
  });
  return patterns.join(" ") || undefined;
}

function parseDailyLimit(entered: string): number | undefined {
  const text = entered.trim();
  if (text === "") return undefined;
  const limit = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_DAILY_LIMIT) return limit;
  throw new InputError(
    "daily-limit",
    `The number of messages a day has to be a whole number from 1 to ${MAX_DAILY_LIMIT}.`,
  );
}

function parseAddresses(entered: string, networks: readonly string[]): string | undefined {
  const ranges = entriesOf("client-addresses", entered).flatMap((entry) => {
    const [range, ...more] = parseRange(entry) ?? [];
    if (range === undefined || more.length > 0) {
      throw new InputError(
        "client-addresses",
        `“${entry}” is not an address. Enter addresses such as 192.168.1.40 or networks such as 192.168.1.0/28.`,
      );
    }
    if (isWithin(range, networks)) return [range];
    throw new InputError(
      "client-addresses",
      networks.length === 0
        ? "Addresses cannot stand for a login here: SMTP_LOGIN_BY_ADDRESS names no networks."
        : `${entry} is not in the networks of SMTP_LOGIN_BY_ADDRESS: ${networks.join(", ")}.`,
    );
  });
  return [...new Set(ranges)].join(" ") || undefined;
}

function entriesOf(field: InputError["field"], entered: string): string[] {
  const entries = entered.split(SEPARATOR).filter(Boolean);
  if (entries.length <= MAX_ENTRIES) return entries;
  throw new InputError(field, `Too many entries: at most ${MAX_ENTRIES} are allowed.`);
}

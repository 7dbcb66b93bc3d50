/**
 * Checks of what people enter: names, short names, allowed senders.
 *
 * @module
 */
import { lowerCaseAscii } from "../../smtp/mod.ts";
import type { AppPassword } from "../store/mod.ts";

/** The entry that an {@linkcode InputError} is about. */
export type InputField =
  | "name"
  | "allowed-sender"
  | "allowed-recipients"
  | "daily-limit"
  | "client-addresses"
  | "devices"
  | "short-name"
  | "account"
  | "mailbox"
  | "recipient"
  | "registration"
  | "secret-end"
  | "invitation-name"
  | "invitation-days"
  | "invitation-uses";

/** An unacceptable entry. The message is for the person who made it and says what is allowed. */
export class InputError extends Error {
  override readonly name = "InputError";

  constructor(readonly field: InputField, message: string) {
    super(message);
  }
}

const MAX_NAME_LENGTH = 64;

/** Parses the name of an app password. @throws {InputError} */
export function parseName(entered: string): string {
  const name = entered.trim();
  if (name === "" || name.length > MAX_NAME_LENGTH || /\p{Cc}/u.test(name)) {
    throw new InputError(
      "name",
      `Give the app password a name of 1 to ${MAX_NAME_LENGTH} characters, such as the device that uses it.`,
    );
  }
  return name;
}

/** Without `@`, so that it never looks like an address, which belongs to the person who receives its mail. */
const SHORT_NAME = /^[a-z0-9][a-z0-9._-]{1,31}$/;

/** Parses a short SMTP user name; an empty one is `undefined`. @throws {InputError} */
export function parseShortName(entered: string): string | undefined {
  const shortName = entered.trim().toLowerCase();
  if (shortName === "") return undefined;
  if (!SHORT_NAME.test(shortName)) {
    throw new InputError(
      "short-name",
      "A short name has 2 to 32 letters a-z, digits, dots, dashes and underscores, and begins with a letter or digit.",
    );
  }
  return shortName;
}

/** An address in a path without its angle brackets (RFC 5321 section 4.5.3.1.3). */
export const MAX_PATTERN_LENGTH = 254;
const MAX_WILDCARDS = 4;
const MAX_DISPLAY_NAME_LENGTH = 200;
/** An address or a pattern: no spaces, no control characters, no angle brackets, exactly one `@`. */
export const PATTERN = /^[^\s@<>\p{Cc}]+@[^\s@<>\p{Cc}]+$/u;

/** Parses the address of a mailbox. @throws {InputError} */
export function parseAddress(entered: string): string {
  const address = entered.trim();
  const isAddress = address.length <= MAX_PATTERN_LENGTH && PATTERN.test(address) &&
    !address.includes("*") && address.split("@").length === 2;
  if (isAddress) return address;
  const shown = JSON.stringify(address.slice(0, MAX_PATTERN_LENGTH));
  throw new InputError("mailbox", `${shown} is not an address such as scanner@example.com.`);
}

/** Parses the name of a mailbox, which may be empty. @throws {InputError} */
export function parseDisplayName(entered: string): string {
  const name = entered.trim();
  if (name.length <= MAX_DISPLAY_NAME_LENGTH && !/\p{Cc}/u.test(name)) return name;
  throw new InputError(
    "mailbox",
    `The name of a mailbox has at most ${MAX_DISPLAY_NAME_LENGTH} characters.`,
  );
}

/**
 * Parses an allowed sender: an address, or a pattern in which `*` stands for any characters. An empty one is `undefined`:
 * any sender.
 *
 * @throws {InputError}
 */
export function parseAllowedSender(entered: string): string | undefined {
  const pattern = lowerCaseAscii(entered.trim());
  if (pattern === "") return undefined;
  const wildcardCount = pattern.split("*").length - 1;
  if (
    pattern.length <= MAX_PATTERN_LENGTH && wildcardCount <= MAX_WILDCARDS && PATTERN.test(pattern)
  ) return pattern;
  throw new InputError(
    "allowed-sender",
    "The allowed sender has to be an address such as printer@example.com, " +
      `or a pattern such as *@example.com with at most ${MAX_WILDCARDS} asterisks.`,
  );
}

/**
 * The senders that an app password may use: `any` sender; `only` those allowed; `always` the mailbox's own address, to which
 * MAIL FROM and the From header are rewritten.
 */
export const SENDER_RULES = ["any", "only", "always"] as const;

export type SenderRule = typeof SENDER_RULES[number];

/** The choice of a sender, as entered. */
export interface SenderChoice {
  /** One of {@linkcode SENDER_RULES}. Absent: `only` with an allowed sender, and else `any`. */
  readonly senderRule?: string;
  /** An address, or a pattern with `*`. Absent or empty: none. */
  readonly allowedSender?: string;
}

/** Parses the choice of a sender. @throws {InputError} */
export function parseSender(
  { senderRule, allowedSender: entered = "" }: SenderChoice,
): Pick<AppPassword, "allowedSender" | "forcedSender"> {
  const allowedSender = parseAllowedSender(entered);
  const rule = senderRule ?? (allowedSender === undefined ? "any" : "only");
  if (!SENDER_RULES.some((known) => known === rule)) {
    throw new InputError("allowed-sender", "Choose which senders the app password may use.");
  }
  if ((rule === "only") === (allowedSender !== undefined)) {
    return { allowedSender, forcedSender: rule === "always" };
  }
  throw new InputError(
    "allowed-sender",
    rule === "only"
      ? "Enter the sender that the app password may use, such as printer@example.com or *@example.com."
      : "An allowed sender goes only with the choice “Only these senders”: choose that, or leave the sender empty.",
  );
}

/** Returns the rule of an app password. */
export function senderRuleOf(
  { allowedSender, forcedSender }: Pick<AppPassword, "allowedSender" | "forcedSender">,
): SenderRule {
  if (forcedSender) return "always";
  return allowedSender === undefined ? "any" : "only";
}

/**
 * App passwords: how they are made, read as typed, and what senders they may use.
 *
 * @module
 */
import { randomInt } from "node:crypto";
import { InputError } from "./input_error.ts";

/** Without look-alikes: no `0` and `o`, no `1`, `i` and `l`. All are typed without a shift key. */
const ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz";
const GROUP_LETTERS = 5;
const GROUPS = 6;
/** 30 characters of an alphabet of 31: 148 bits. Reliability row K2 asks for 128 at least. */
export const APP_PASSWORD_BITS = GROUPS * GROUP_LETTERS * Math.log2(ALPHABET.length);

/** A new random app password, such as `7k3mp-x9rwa-…`: six groups of five letters and digits. */
export function generateAppPassword(): string {
  return Array.from({ length: GROUPS }, randomGroup).join("-");
}

function randomGroup(): string {
  return Array.from({ length: GROUP_LETTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}

/**
 * How what was typed may lie in the database, as text to be hashed.
 *
 * People type our passwords without the dashes, with spaces, or on devices that begin with a capital letter: all of these
 * are the same password. A password from another program counts only as it is.
 */
export function spellingsOf(typed: string): readonly string[] {
  return [generatedSpelling(typed), importedSpelling(typed)];
}

/** The text that is hashed for a password made by {@linkcode generateAppPassword}. */
export function generatedSpelling(typed: string): string {
  return typed.replace(/[-\s]/g, "").toLowerCase();
}

const GENERATED = new RegExp(`^[${ALPHABET}]{${GROUPS * GROUP_LETTERS}}$`);

/** Whether a text may be a password made by {@linkcode generateAppPassword}: people do enter it as their user name. */
export function looksGenerated(typed: string): boolean {
  return GENERATED.test(generatedSpelling(typed));
}

/** The text that is hashed for a password of another program; no typed text has the NUL, so the two never meet. */
export function importedSpelling(typed: string): string {
  return `\0${typed}`;
}

/** An address in a path without its angle brackets (RFC 5321 section 4.5.3.1.3). */
const MAX_PATTERN_LENGTH = 254;
/** Bounds the work of a match. */
const MAX_WILDCARDS = 4;
/** An address or a pattern: no spaces, no control characters, no angle brackets, exactly one `@`. */
const PATTERN = /^[^\s@<>\p{Cc}]+@[^\s@<>\p{Cc}]+$/u;

/**
 * An allowed sender as it is stored: an address, or a pattern in which `*` stands for any characters.
 *
 * @param entered Empty: any sender.
 * @throws {InputError}
 */
export function parseAllowedSender(entered: string): string | undefined {
  const pattern = entered.trim().toLowerCase();
  if (pattern === "") return undefined;
  const wildcardCount = pattern.split("*").length - 1;
  if (
    pattern.length > MAX_PATTERN_LENGTH || wildcardCount > MAX_WILDCARDS || !PATTERN.test(pattern)
  ) throw new InputError("allowed-sender", BAD_SENDER);
  return pattern;
}

const BAD_SENDER = "The allowed sender has to be an address such as printer@example.com, " +
  `or a pattern such as *@example.com with at most ${MAX_WILDCARDS} asterisks.`;

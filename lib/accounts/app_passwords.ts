/**
 * App passwords: how they are generated, and how typed ones are read.
 *
 * @module
 */
import { randomInt } from "node:crypto";

/** Without look-alikes: no `0` and `o`, no `1`, `i` and `l`. All are typed without a shift key. */
const ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz";
const GROUP_LETTERS = 5;
const GROUPS = 6;
/** 30 characters of an alphabet of 31: 148 bits. Reliability row K2 asks for 128 at least. */
export const APP_PASSWORD_BITS = GROUPS * GROUP_LETTERS * Math.log2(ALPHABET.length);

/** Generates a random app password, such as `7k3mp-x9rwa-…`: six groups of five letters and digits. */
export function generateAppPassword(): string {
  return Array.from({ length: GROUPS }, randomGroup).join("-");
}

function randomGroup(): string {
  return Array.from({ length: GROUP_LETTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}

/**
 * Returns the texts that a typed password may be hashed as.
 *
 * People type our passwords without the dashes, with spaces, or on devices that begin with a capital letter: all of these
 * are the same password. A password of another program counts only as it is.
 */
export function spellingsOf(typed: string): readonly string[] {
  return [generatedSpelling(typed), importedSpelling(typed)];
}

/** Returns the text that is hashed for a password made by {@linkcode generateAppPassword}. */
export function generatedSpelling(typed: string): string {
  return typed.replace(/[-\s]/g, "").toLowerCase();
}

const GENERATED = new RegExp(`^[${ALPHABET}]{${GROUPS * GROUP_LETTERS}}$`);

/** Whether a text looks like one of our passwords: people do enter them as their user names. */
export function looksGenerated(typed: string): boolean {
  return GENERATED.test(generatedSpelling(typed));
}

/** Returns the text that is hashed for a password of another program. No typed text has a NUL, so the two never meet. */
export function importedSpelling(typed: string): string {
  return `\0${typed}`;
}

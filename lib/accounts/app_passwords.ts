/**
 * App passwords: how they are generated, and how typed ones are read.
 *
 * @module
 */
import { randomInt } from "node:crypto";

/** Without look-alikes: no `0` and `o`, no `1`, `i` and `l`. All are typed without a shift key. */
const ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz";
const GROUP_LETTERS = 4;
const GROUPS = 4;
/** The length of the passwords that earlier versions made; they stay valid. */
const FORMER_LENGTH = 30;
/** 16 characters of an alphabet of 31: 79 bits. Devices have fields of 14 to 24 characters. */
export const APP_PASSWORD_BITS = GROUPS * GROUP_LETTERS * Math.log2(ALPHABET.length);

/** Generates a random app password, such as `7k3m-px9r-w4ta-h2qe`: four groups of four letters and digits. */
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

/**
 * Returns the text that is hashed for a password made by {@linkcode generateAppPassword}. Copying through other
 * programs can turn dashes into minus signs, and add invisible characters.
 */
export function generatedSpelling(typed: string): string {
  return typed.replace(/[\s\p{Pd}\p{Cf}\u2212]/gu, "").toLowerCase();
}

const LENGTHS: readonly number[] = [GROUPS * GROUP_LETTERS, FORMER_LENGTH];
const GENERATED = new RegExp(`^[${ALPHABET}]+$`);

/** Whether a text looks like one of our passwords: people do enter them as their user names. */
export function looksGenerated(typed: string): boolean {
  const spelling = generatedSpelling(typed);
  return LENGTHS.includes(spelling.length) && GENERATED.test(spelling);
}

/** Returns the text that is hashed for a password of another program. No typed text has a NUL, so the two never meet. */
export function importedSpelling(typed: string): string {
  return `\0${typed}`;
}

const CHARACTER_CLASSES: readonly (readonly [pattern: RegExp, size: number])[] = [
  [/[a-z]/, 26],
  [/[A-Z]/, 26],
  [/[0-9]/, 10],
  [/[^a-zA-Z0-9]/, 33],
];
const UNGUESSABLE_BITS = 128;

/** Whether a password can be guessed: it is not one of ours, and short for its kinds of characters. */
export function isGuessable(typed: string): boolean {
  if (looksGenerated(typed)) return false;
  const present = CHARACTER_CLASSES.filter(([pattern]) => pattern.test(typed));
  const alphabetSize = present.reduce((total, [, size]) => total + size, 0);
  return typed.length * Math.log2(alphabetSize || 1) < UNGUESSABLE_BITS;
}

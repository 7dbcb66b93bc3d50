/**
 * The text of a header, one character for each octet: a header can hold UTF-8, Latin-1 or neither, and every octet must stay
 * as it is.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** Most headers are ASCII and need no conversion. */
const BEYOND_ASCII = /[^\0-\x7f]/;

/** Returns the UTF-8 octets of a string, one character each (RFC 6532). */
export function utf8Octets(value: string): string {
  return BEYOND_ASCII.test(value) ? Buffer.from(value).toString("latin1") : value;
}

/** Returns the string that such octets encode. Octets that are not UTF-8 become U+FFFD. */
export function decodeUtf8(text: string): string {
  return BEYOND_ASCII.test(text) ? Buffer.from(text, "latin1").toString("utf8") : text;
}

/** Reports and errors show this much of a field, in octets. */
export const TOLD_LIMIT_OCTETS = 256;

/**
 * Returns a part of a header for a log or a page: in one line, without control and formatting characters. Text that is not
 * UTF-8 is read as Latin-1.
 *
 * @param limitOctets The maximum length of the result in UTF-8.
 */
export function readable(text: string, limitOctets: number): string {
  const decoded = decodeUtf8(text);
  const value = (decoded.includes("\ufffd") ? text : decoded)
    .replace(/\s+/g, " ")
    .trim()
    .replace(/\p{C}/gu, "?");
  // In stream mode, the decoder omits a character that the limit cuts in two.
  const octets = new TextEncoder().encode(value).subarray(0, limitOctets);
  return new TextDecoder().decode(octets, { stream: true });
}

const WHITE_SPACE = " \t\r\n";

/** Removes white space at both ends. `trim()` would also remove the octet A0, which ends many UTF-8 characters. */
export function trimmed(text: string): string {
  return trimmedOf(text, WHITE_SPACE);
}

/** Removes these characters at both ends. A regular expression would take quadratic time. */
export function trimmedOf(text: string, characters: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && characters.includes(text[from]!)) from++;
  while (from < to && characters.includes(text[to - 1]!)) to--;
  return text.slice(from, to);
}

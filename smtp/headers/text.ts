/**
 * Octets of a header as text, one character for each octet: a header may hold UTF-8, Latin-1 or neither, and every octet
 * has to come out as it came in.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** Most headers hold nothing of this, and need no conversion. */
const BEYOND_ASCII = /[^\0-\x7f]/;

/** The UTF-8 octets of a proper string, one character each (RFC 6532). */
export function utf8Octets(value: string): string {
  return BEYOND_ASCII.test(value) ? Buffer.from(value).toString("latin1") : value;
}

/** The proper string of UTF-8 octets; octets that are not UTF-8 become U+FFFD. */
export function decodeUtf8(text: string): string {
  return BEYOND_ASCII.test(text) ? Buffer.from(text, "latin1").toString("utf8") : text;
}

/** How much of a field is told in reports and errors, in octets. */
export const TOLD_LIMIT_OCTETS = 256;

/**
 * A part of a header as a person may read it, in a log or on a page: in one line, without control and formatting
 * characters. What is not UTF-8 is read as Latin-1.
 *
 * @param limitOctets The longest result, in octets of UTF-8.
 */
export function readable(text: string, limitOctets: number): string {
  const decoded = decodeUtf8(text);
  const value = (decoded.includes("\ufffd") ? text : decoded)
    .replace(/\s+/g, " ")
    .trim()
    .replace(/\p{C}/gu, "?");
  // As a stream, the decoder leaves out a character that the limit cuts in two.
  const octets = new TextEncoder().encode(value).subarray(0, limitOctets);
  return new TextDecoder().decode(octets, { stream: true });
}

const WHITE_SPACE = " \t\r\n";

/** Removes white space at both ends. `trim()` would take away the octet A0, which ends many a character of UTF-8. */
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

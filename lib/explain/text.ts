/**
 * Texts of foreign origin, made safe to show.
 *
 * @module
 */
import { sanitise } from "../../smtp/mod.ts";

/** Longest text of Microsoft's that is shown, in UTF-16 units. */
const MAX_DISPLAY_TEXT = 300;
/** Leaves room in a reply line of 512 octets (RFC 5321 section 4.5.3.1.5). */
const MAX_SMTP_TEXT = 200;

/**
 * Returns a text for display: one line without control, format or bidirectional characters, not too long, and without the
 * trace identifiers that Microsoft appends.
 */
export function displayText(text: string, maxLength = MAX_DISPLAY_TEXT): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, " ")
    .replace(/\s*Trace ID:.*$/i, "")
    .replace(/ {2,}/g, " ")
    .trim();
  return line.length > maxLength ? `${line.slice(0, maxLength - 1).trimEnd()}…` : line;
}

/** Returns a text for an SMTP reply: printable ASCII on one line. */
export function toSmtpText(text: string): string {
  const ascii = displayText(text, MAX_SMTP_TEXT).replaceAll("…", "...").replaceAll("’", "'");
  return sanitise(ascii.replace(/[“”]/g, '"'));
}

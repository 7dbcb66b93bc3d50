/**
 * Octets as text and as joined parts.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** Octets of a UTF-16 code unit in UTF-8, at most. */
export const UTF8_LIMIT_OCTETS = 3;

/** Up to this length, making a string of characters is several times as fast as decoding. */
const SHORT_OCTETS = 4_096;

/** Returns octets as text: each octet is the character of its number (ISO 8859-1). */
export function latin1(octets: Uint8Array): string {
  return octets.length <= SHORT_OCTETS
    ? String.fromCharCode.apply(null, octets as unknown as number[])
    : Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("latin1");
}

/** Returns the octets of such a text. */
export function octetsOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** Returns the parts joined. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

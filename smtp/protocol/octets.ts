/**
 * Helpers for octets.
 *
 * @module
 */

/** Octets of a UTF-16 code unit in UTF-8, at most. */
export const UTF8_LIMIT_OCTETS = 3;

/** Returns a few octets as text, each as the character of its number. A decoder would take several times as long. */
export function asLatin1(octets: Uint8Array): string {
  return String.fromCharCode.apply(null, octets as unknown as number[]);
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

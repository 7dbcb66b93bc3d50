/**
 * Patterns for addresses, in which `*` stands for any characters.
 *
 * @module
 */

/** Lower-cases ASCII letters alone: in Unicode, other characters such as U+212A (Kelvin sign) would become ASCII letters. */
export function lowerCaseAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * Whether an address matches a pattern, in any case of ASCII letters.
 *
 * Each part between asterisks is searched for once, from the end of the part before it: if the pattern matches at all, it
 * matches with the first occurrences. So no pattern takes more than linear time.
 */
export function matchesPattern(address: string, pattern: string): boolean {
  const text = lowerCaseAscii(address);
  const [first = "", ...others] = lowerCaseAscii(pattern).split("*");
  const last = others.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let position = first.length;
  for (const part of others) {
    const found = text.indexOf(part, position);
    if (found === -1) return false;
    position = found + part.length;
  }
  return text.endsWith(last) && position + last.length <= text.length;
}

/**
 * A quick search for the From field, which nearly every message has.
 *
 * @module
 */

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const COLON = 58;
const DELETE = 127;
const CASE_BIT = 32;
const FROM = new TextEncoder().encode("from:");

/**
 * Whether a message certainly has a From field with a value. False if the header must be read to know: it has none, none in
 * these octets, or malformed fields before it (RFC 5322 section 2.2).
 *
 * @param start The first octets of the message.
 */
export function surelyHasAuthor(start: Uint8Array): boolean {
  for (let at = 0; isField(start, at);) {
    const end = endOfField(start, at);
    if (end === undefined) return false;
    if (isFrom(start, at)) return hasText(start, at + FROM.length, end);
    at = end;
  }
  return false;
}

/** Whether a line begins with the name of a field and a colon. */
function isField(octets: Uint8Array, at: number): boolean {
  let end = at;
  while (octets[end] !== COLON) {
    const octet = octets[end++];
    if (octet === undefined || octet <= SPACE || octet >= DELETE) return false;
  }
  return end > at;
}

function isFrom(octets: Uint8Array, at: number): boolean {
  return FROM.every((octet, index) => (octets[at + index]! | CASE_BIT) === octet);
}

/** Returns the index behind a field with its folded lines; undefined if it does not end here, or a line end is not CR LF. */
function endOfField(octets: Uint8Array, at: number): number | undefined {
  for (let from = at;;) {
    const lf = octets.indexOf(LF, from);
    if (lf < 0 || octets.indexOf(CR, from) !== lf - 1) return undefined;
    from = lf + 1;
    const next = octets[from];
    if (next !== SPACE && next !== TAB) return next === undefined ? undefined : from;
  }
}

function hasText(octets: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (octets[at]! > SPACE) return true;
  return false;
}

/**
 * Display names in a form in which nothing can be taken for an address or another field.
 *
 * @module
 */
import { trimmed } from "./text.ts";

/** RFC 2047 section 2, but with spaces and specials between the last two question marks. */
const ENCODED_WORD = /=\?[\w*.-]+\?(?:b\?[\w+/= ]*|q\?[ ->@-~]*)\?=/gi;
/** RFC 5322 section 2.1.1 asks for lines of 78 characters, including the name of the field. */
const LONG_LINE = /(?=.{67})(.{1,65}) /g;
const PLAIN_PHRASE = /^[\w!#$%&'*+\-/=?^`{|}~\x80-\xff]+(?: [\w!#$%&'*+\-/=?^`{|}~\x80-\xff]+)*$/;

/**
 * Rewrites encoded words with the characters that a display name allows (RFC 2047 section 5 (3)), so that each is one word
 * for every parser. Correct encoded words stay as they are.
 */
export function repairEncodedWords(text: string): string {
  return text.replace(ENCODED_WORD, (word) => {
    const [, charset, encoding, content = ""] = word.split("?");
    const allowed = /b/i.test(encoding!)
      ? content.replaceAll(" ", "")
      : content.replace(/[^\w!*+\-/=.]/g, escapeOctet);
    return `=?${charset}?${encoding}?${allowed}?=`;
  });
}

function escapeOctet(character: string): string {
  if (character === " ") return "_";
  return `=${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

/**
 * Returns a text as a phrase (RFC 5322 section 3.2.5); undefined if it is empty. Quotes everything but plain and encoded
 * words.
 *
 * @param text Any text, one character for each octet.
 */
export function phraseOf(text: string): string | undefined {
  const line = text.replace(/[\0-\x20\x7f]+/g, " ");
  let phrase = "";
  let at = 0;
  for (const { 0: word, index } of line.matchAll(ENCODED_WORD)) {
    phrase += ` ${wordsOf(line.slice(at, index))} ${repairEncodedWords(word)}`;
    at = index + word.length;
  }
  phrase = trimmed(`${phrase} ${wordsOf(line.slice(at))}`).replace(/ +/g, " ");
  return phrase === "" ? undefined : fold(phrase);
}

/** Breaks a long line at spaces (RFC 5322 section 2.2.3). */
function fold(phrase: string): string {
  return phrase.replace(LONG_LINE, "$1\r\n ");
}

function wordsOf(text: string): string {
  const words = trimmed(text);
  if (words === "" || PLAIN_PHRASE.test(words)) return words;
  return `"${words.replace(/["\\]/g, "\\$&")}"`;
}

/**
 * The syntax of settings that hold several values: `a, b` or `[a, "b,c"]`, and `id:secret` pairs, optionally in `{}`.
 *
 * Commas and line ends separate entries; empty ones are skipped. A part in double quotes follows the rules of JSON strings.
 * From any other part, only the white space around it is removed.
 *
 * @module
 */

/** Thrown if a text is not a list. The message names the position. It never quotes the text, since lists hold secrets. */
export class ListSyntaxError extends Error {
  override readonly name = "ListSyntaxError";
}

/**
 * Returns the entries of a list. Brackets `[]` around it are optional.
 *
 * @throws {ListSyntaxError}
 */
export function parseList(text: string): string[] {
  const reader = new ListReader(text, "[", "]");
  const items: string[] = [];
  while (reader.hasNext()) items.push(reader.value());
  return items;
}

/**
 * Returns the pairs of a list of `key:value`. Braces `{}` around it are optional. The first colon outside quotes separates.
 *
 * @throws {ListSyntaxError}
 */
export function parsePairs(text: string): [key: string, value: string][] {
  const reader = new ListReader(text, "{", "}");
  const pairs: [string, string][] = [];
  while (reader.hasNext()) pairs.push([reader.key(), reader.value()]);
  return pairs;
}

const WHITE_SPACE = /\s*/y;
const SEPARATORS = /[\s,]*/y;
const QUOTED = /"(?:[^"\\\p{Cc}]|\\.)*"/yu;
const PLAIN_KEY = /[^:,\r\n]+/y;
const COLON = /\s*:\s*/y;

/** Reads entries one after the other. */
class ListReader {
  readonly #text: string;
  readonly #close: string;
  readonly #plainValue: RegExp;
  readonly #endOfValue: RegExp;
  #position = 0;

  constructor(text: string, open: string, close: string) {
    this.#text = text;
    this.#match(WHITE_SPACE);
    const enclosed = text[this.#position] === open;
    if (enclosed) this.#position++;
    this.#close = enclosed ? close : "";
    const delimiters = enclosed ? `,\\r\\n\\${close}` : ",\\r\\n";
    this.#plainValue = new RegExp(`[^${delimiters}]+`, "y");
    this.#endOfValue = new RegExp(`[^\\S\\r\\n]*(?=[${delimiters}]|$)`, "y");
  }

  /** Moves to the next entry; false at the end. Checks there that nothing follows. */
  hasNext(): boolean {
    this.#match(SEPARATORS);
    if (this.#close !== "" && this.#text[this.#position] === this.#close) {
      this.#position++;
      this.#match(WHITE_SPACE);
      if (this.#position < this.#text.length) this.#fail("unexpected text after the closing one");
      return false;
    }
    if (this.#position < this.#text.length) return true;
    if (this.#close !== "") this.#fail(`the closing "${this.#close}" is missing`);
    return false;
  }

  key(): string {
    const key = this.#part(PLAIN_KEY);
    if (this.#match(COLON) === undefined) this.#fail('expected ":" after a name');
    return key;
  }

  value(): string {
    const value = this.#part(this.#plainValue);
    if (this.#match(this.#endOfValue) === undefined) this.#fail("unexpected text after quotes");
    return value;
  }

  #part(plain: RegExp): string {
    if (this.#text[this.#position] === '"') return this.#quoted();
    const part = this.#match(plain)?.trim();
    return part ? part : this.#fail("expected a value");
  }

  #quoted(): string {
    const start = this.#position;
    const token = this.#match(QUOTED) ?? this.#fail("the quotes are not closed");
    try {
      return JSON.parse(token) as string;
    } catch {
      // The parser's own message would quote the text.
      this.#position = start;
      return this.#fail("the text in quotes breaks the rules of JSON strings");
    }
  }

  /** Returns the text that the pattern matches here, and moves past it. */
  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const text = pattern.exec(this.#text)?.[0];
    if (text !== undefined) this.#position += text.length;
    return text;
  }

  #fail(reason: string): never {
    throw new ListSyntaxError(`${reason} (at character ${this.#position + 1})`);
  }
}

/**
 * Lists of addresses (RFC 5322 sections 3.4 and 4.4), with groups (RFC 6854) and 8-bit octets (RFC 6532).
 *
 * @module
 */

/** A mailbox of a list; texts are as in the header, one character for each octet. */
export interface Mailbox {
  /** The display name as written, a phrase that may be folded; else the last comment. */
  readonly name?: string;
  /** Whether the name is the content of a comment: `scanner@example.com (Second floor)`, the old way. */
  readonly nameIsComment?: boolean;
  /** Local part, `@` and domain, without comments and white space. */
  readonly address: string;
}

/** A list of addresses that follows the grammar. */
export interface AddressList {
  /** All mailboxes in their order, those of groups too. */
  readonly mailboxes: readonly Mailbox[];
  /** The name of the first group, as written; missing if there is none. */
  readonly groupName?: string;
}

const WHITE_SPACE = /(?:[ \t]|\r\n(?=[ \t]))+/y;
const ATOM = /[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\x80-\xff]+/y;
/** Without the control characters that section 4.1 still allows. They are useless, and a risk for other parsers. */
const QUOTED_STRING = /"(?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff]|\r\n(?=[ \t]))*"/y;
const DOMAIN_LITERAL = /\[(?:[\t !-Z^-~\x80-\xff]|\\[\t -~\x80-\xff]|\r\n(?=[ \t]))*\]/y;
const COMMENT_TEXT = /(?:[\t !-'*-[\]-~\x80-\xff]|\\[\t -~\x80-\xff]|\r\n(?=[ \t]))+/y;

/** Thrown and caught here: the text does not follow the grammar. There is only one, since stack traces are slow. */
const NO_ADDRESS_LIST = new Error("no address list");

/**
 * Parses the value of a From, Sender or Reply-To field; undefined if it does not follow the grammar.
 *
 * @param value Without the last line end; one character for each octet.
 */
export function parseAddressList(value: string): AddressList | undefined {
  try {
    return new AddressListParser(value).parse();
  } catch (error) {
    if (error === NO_ADDRESS_LIST) return undefined;
    throw error;
  }
}

/** Words and dots in a row: a display name, the name of a group, or a local part. */
interface Words {
  /** As written. */
  readonly text: string;
  /** Without white space and comments. */
  readonly parts: readonly string[];
}

/** One pass over a list. */
class AddressListParser {
  readonly #text: string;
  readonly #mailboxes: Mailbox[] = [];
  #at = 0;
  #groupName: string | undefined;
  #lastComment: string | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): AddressList {
    this.#list(undefined);
    const mailboxes = this.#mailboxes;
    const groupName = this.#groupName;
    if (mailboxes.length === 0 && groupName === undefined) throw NO_ADDRESS_LIST;
    return { mailboxes, groupName };
  }

  /** Parses addresses up to the end of the text or of the group. Elements can be empty (section 4.4, obs-addr-list). */
  #list(end: ";" | undefined): void {
    for (;;) {
      this.#lastComment = undefined;
      this.#skip();
      if (this.#next() === end) return;
      if (this.#take(",")) continue;
      this.#address(end === undefined);
      if (this.#next() !== end) this.#expect(",");
    }
  }

  /** Parses a mailbox or, where allowed, a group. */
  #address(groupAllowed: boolean): void {
    const words = this.#words();
    if (this.#next() === "<") return this.#angleAddress(words);
    if (this.#next() === "@") return this.#bareAddress(words);
    if (!groupAllowed || words.parts.length === 0) throw NO_ADDRESS_LIST;
    this.#expect(":");
    this.#groupName ??= words.text;
    this.#list(";");
    this.#expect(";");
    this.#skip();
  }

  #angleAddress({ text, parts }: Words): void {
    if (parts[0] === ".") throw NO_ADDRESS_LIST;
    this.#expect("<");
    this.#skip();
    if (this.#next() === "@" || this.#next() === ",") this.#route();
    const address = this.#addrSpec(this.#words());
    this.#expect(">");
    this.#skip();
    this.#add(address, parts.length > 0 ? text : undefined);
  }

  #bareAddress(words: Words): void {
    this.#add(this.#addrSpec(words), undefined);
  }

  #add(address: string, name: string | undefined): void {
    if (name !== undefined) this.#mailboxes.push({ name, address });
    else if (this.#lastComment === undefined) this.#mailboxes.push({ address });
    else this.#mailboxes.push({ name: this.#lastComment, nameIsComment: true, address });
  }

  /** Parses a route, which has no meaning today (section 4.4, obs-route). */
  #route(): void {
    do {
      this.#skip();
      if (this.#take("@")) this.#domain();
    } while (this.#take(","));
    this.#expect(":");
    this.#skip();
  }

  /** Parses the domain after a local part. */
  #addrSpec({ parts }: Words): string {
    const wellFormed = parts.length % 2 === 1 &&
      parts.every((part, index) => (part === ".") === (index % 2 === 1));
    if (!wellFormed) throw NO_ADDRESS_LIST;
    this.#expect("@");
    return `${parts.join("")}@${this.#domain()}`;
  }

  #domain(): string {
    this.#skip();
    const literal = this.#match(DOMAIN_LITERAL);
    if (literal !== undefined) {
      this.#skip();
      return literal.replace(/\r\n/g, "");
    }
    const labels: string[] = [];
    do {
      this.#skip();
      const label = this.#match(ATOM);
      if (label === undefined) throw NO_ADDRESS_LIST;
      labels.push(label);
      this.#skip();
    } while (this.#take("."));
    return labels.join(".");
  }

  #words(): Words {
    const start = this.#at;
    let end = start;
    const parts: string[] = [];
    for (;;) {
      const part = this.#match(ATOM) ?? this.#match(QUOTED_STRING) ?? this.#dot();
      if (part === undefined) break;
      parts.push(part.replace(/\r\n/g, ""));
      end = this.#at;
      this.#skip();
    }
    return { text: this.#text.slice(start, end), parts };
  }

  #dot(): string | undefined {
    return this.#take(".") ? "." : undefined;
  }

  /** Skips white space and comments (section 3.2.2, CFWS). */
  #skip(): void {
    do {
      this.#match(WHITE_SPACE);
    } while (this.#comment());
  }

  #comment(): boolean {
    if (this.#next() !== "(") return false;
    const start = this.#at;
    for (let depth = 0;;) {
      if (this.#take("(")) depth++;
      else if (this.#take(")")) depth--;
      else if (this.#match(COMMENT_TEXT) === undefined) throw NO_ADDRESS_LIST;
      if (depth === 0) break;
    }
    this.#lastComment = this.#text.slice(start + 1, this.#at - 1);
    return true;
  }

  #next(): string | undefined {
    return this.#text[this.#at];
  }

  #take(character: string): boolean {
    if (this.#next() !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#take(character)) throw NO_ADDRESS_LIST;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

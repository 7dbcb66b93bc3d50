/**
 * Whom a From or Sender field names, whether it follows the grammar or not.
 *
 * @module
 */
import { type AddressList, type Mailbox, parseAddressList } from "./address_list.ts";
import { trimmed, trimmedOf } from "./latin1.ts";
import { phraseOf, repairEncodedWords } from "./phrase.ts";

/** Somebody named in a field; texts hold one character for each octet. */
export interface Author {
  /** A phrase that can be written in front of an address. */
  readonly name?: string;
  /** An addr-spec; missing where only a name is given. */
  readonly address?: string;
}

/** What a field says. */
export interface Addresses {
  /** In order, those of groups too. */
  readonly authors: readonly Author[];
  /** Whether there is one way only to read the field: it follows RFC 5322. */
  readonly exact: boolean;
  /** Whether authors stand in a group. */
  readonly grouped: boolean;
  /**
   * Every address that somebody might read there, each once. If the field is exact, these are the authors'; if not, these are
   * all words with an `@`, even such as are no addresses.
   */
  readonly candidates: readonly string[];
}

/** A local part and a domain without quotes, as lenient parsers see it; dots may stand anywhere. */
const BARE_ADDRESS = /^[^<>()[\]:;,"\\@\0-\x20\x7f]+@[^<>()[\]:;,"\\@\0-\x20\x7f]+$/;
const WORD_LIMITS = /[\0-\x20\x7f<>()[\]:;,"\\]+/;
/** Stand between two authors. */
const SEPARATORS = " \t\r\n,;";

/**
 * Reads the value of a From or Sender field.
 *
 * @param value Without the last line end; one character for each octet.
 */
export function readAddresses(value: string): Addresses {
  const list = parseAddressList(value);
  if (list !== undefined) {
    return { ...authorsOf(list), exact: true, candidates: addressesOf(list.mailboxes) };
  }
  const repaired = repairEncodedWords(value);
  const read = parseAddressList(repaired);
  const words = value.split(WORD_LIMITS).filter((word) => word.includes("@"));
  return {
    ...(read === undefined ? { authors: guessAuthors(repaired), grouped: false } : authorsOf(read)),
    exact: false,
    candidates: [...new Set(words)],
  };
}

function authorsOf({ mailboxes, grouped }: AddressList): Pick<Addresses, "authors" | "grouped"> {
  return { authors: mailboxes.map(authorOf), grouped };
}

function authorOf({ name, nameIsComment, address }: Mailbox): Author {
  if (name === undefined || /^"[ \t\r\n]*"$/.test(name)) return { address };
  if (!nameIsComment) return { name, address };
  return { name: phraseOf(name.replace(/\\(.)/g, "$1")), address };
}

function addressesOf(mailboxes: readonly Mailbox[]): string[] {
  return [...new Set(mailboxes.map(({ address }) => address))];
}

/**
 * Makes sense of a field that follows no grammar. Text in front of an angle bracket is a name, whatever it holds: devices
 * forget to quote commas, brackets and addresses in it.
 */
function guessAuthors(value: string): Author[] {
  const [first = "", ...rest] = value.split("<");
  if (rest.length === 0) return [guessBareAuthor(value)];
  let name = first;
  const authors = rest.map((part) => {
    const end = part.includes(">") ? part.indexOf(">") : part.length;
    const found = author(name, part.slice(0, end).replace(/[ \t\r\n]/g, ""));
    name = part.slice(end);
    return found;
  });
  return authors.filter(({ name, address }) => name !== undefined || address !== undefined);
}

function guessBareAuthor(value: string): Author {
  const address = value.split(WORD_LIMITS).find((word) => BARE_ADDRESS.test(word));
  const name = trimmed(address === undefined ? value : value.replace(address, ""));
  return author(name.replace(/^\(([^()]*)\)$/, "$1"), address ?? "");
}

function author(name: string, address: string): Author {
  return {
    name: phraseOf(trimmedOf(name.replace(/["\\<>]/g, ""), SEPARATORS)),
    address: BARE_ADDRESS.test(address) ? address : undefined,
  };
}

/**
 * An address as RFC 5322 section 3.4.1 writes it: a local part with dots where none may be is quoted.
 *
 * @param address As in {@linkcode Author}.
 */
export function addrSpecOf(address: string): string {
  if (parseAddressList(address) !== undefined) return address;
  const at = address.lastIndexOf("@");
  return `"${address.slice(0, at)}"@${address.slice(at + 1)}`;
}

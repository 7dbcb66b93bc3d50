/**
 * Whom a From or Sender field names, whether it follows the grammar or not.
 *
 * @module
 */
import { type AddressList, type Mailbox, parseAddressList } from "./address_list.ts";
import { trimmed, trimmedOf } from "./text.ts";
import { phraseOf, repairEncodedWords } from "./phrase.ts";

/** Somebody named in a field; texts hold one character for each octet. */
export interface Author {
  /** A phrase that can be written in front of an address. */
  readonly name?: string;
  /** An addr-spec; missing where only a name is given. */
  readonly address?: string;
}

/** The content of an address field. */
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

/** A local part and a domain without quotes, as lenient parsers see it; dots may stand anywhere in the local part. */
const BARE_ADDRESS =
  /^[^<>()[\]:;,"\\@\0-\x20\x7f]+@(?:[^<>()[\]:;,"\\@.\0-\x20\x7f]+\.)*[^<>()[\]:;,"\\@.\0-\x20\x7f]+$/;
/** A local part that needs no quotes. */
const DOT_ATOM = /^[\w!#$%&'*+\-/=?^`{|}~\x80-\xff]+(?:\.[\w!#$%&'*+\-/=?^`{|}~\x80-\xff]+)*@/;
const WORD_LIMITS = /[\0-\x20\x7f<>()[\]:;,"\\]+/;
/** Stand between two authors. */
const SEPARATORS = " \t\r\n,;";
const SAYS_SOMETHING = /[\w\x80-\xff]/;

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
  const words = wordsOf(value).filter((word) => word.includes("@"));
  return {
    ...(read === undefined ? { authors: guessAuthors(repaired), grouped: false } : authorsOf(read)),
    exact: false,
    candidates: [...new Set(words)],
  };
}

/** A group without members has a name all the same: RFC 6854 makes it the author of what programs write. */
function authorsOf({ mailboxes, groupName }: AddressList): Pick<Addresses, "authors" | "grouped"> {
  const authors = mailboxes.length > 0 ? mailboxes.map(authorOf) : [{ name: groupName }];
  return { authors, grouped: groupName !== undefined };
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
  if (rest.length === 0) return guessBareAuthors(value);
  let name = first;
  const authors = rest.map((part) => {
    const end = part.includes(">") ? part.indexOf(">") : part.length;
    const found = author(name, part.slice(0, end).replace(/[ \t\r\n]/g, ""));
    name = part.slice(end);
    return found;
  });
  return authors.filter(isSomebody);
}

/** Authors without angle brackets; a comma or semicolon is part of a name unless there are addresses on both sides. */
function guessBareAuthors(value: string): Author[] {
  const parts = value.split(/[,;]/).filter((part) => bareAddressIn(part) !== undefined);
  return (parts.length > 1 ? parts : [value]).map(guessBareAuthor).filter(isSomebody);
}

function guessBareAuthor(text: string): Author {
  const address = bareAddressIn(text);
  const name = trimmed(address === undefined ? text : text.replace(address, ""));
  return author(name.replace(/^\(([^()]*)\)$/, "$1"), address ?? "");
}

function bareAddressIn(text: string): string | undefined {
  return wordsOf(text).find((word) => BARE_ADDRESS.test(word));
}

/** Returns the words between specials and white space; without the dot of the DNS root or of a sentence behind it. */
function wordsOf(text: string): string[] {
  return text.split(WORD_LIMITS).map((word) => word.endsWith(".") ? word.slice(0, -1) : word);
}

function isSomebody({ name, address }: Author): boolean {
  return name !== undefined || address !== undefined;
}

function author(name: string, address: string): Author {
  const words = trimmedOf(name.replace(/\\?["<>]/g, ""), SEPARATORS);
  return {
    name: SAYS_SOMETHING.test(words) ? phraseOf(words) : undefined,
    address: bareAddressIn(address),
  };
}

/** Whether a text is an address and nothing else, without quotes or brackets. */
export function isBareAddress(text: string): boolean {
  return BARE_ADDRESS.test(text) && DOT_ATOM.test(text);
}

/**
 * An address as RFC 5322 section 3.4.1 writes it: a local part with dots where none may be is quoted.
 *
 * @param address As in {@linkcode Author}.
 */
export function addrSpecOf(address: string): string {
  if (DOT_ATOM.test(address) || parseAddressList(address) !== undefined) return address;
  const at = address.lastIndexOf("@");
  return `"${address.slice(0, at)}"@${address.slice(at + 1)}`;
}

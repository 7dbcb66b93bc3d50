/**
 * The authors in a From or Sender field, whether it follows the grammar or not.
 *
 * @module
 */
import { type AddressList, type Mailbox, parseAddressList } from "./address_list.ts";
import { trimmed, trimmedOf } from "./text.ts";
import { phraseOf, repairEncodedWords } from "./phrase.ts";

/** A person or mailbox in a field. Texts hold one character for each octet. */
export interface Author {
  /** A phrase that can stand in front of an address. */
  readonly name?: string;
  /** An addr-spec; missing if there is only a name. */
  readonly address?: string;
}

/** The content of an address field. */
export interface Addresses {
  /** In order, including members of groups. */
  readonly authors: readonly Author[];
  /** Whether the field follows RFC 5322, so that there is only one way to read it. */
  readonly exact: boolean;
  /** Whether authors stand in a group. */
  readonly grouped: boolean;
  /**
   * Every address that a program might find in the field, each once. If the field is exact, these are the authors' addresses;
   * if not, all words with an `@`, even if they are no addresses.
   */
  readonly candidates: readonly string[];
}

/** A local part and a domain without quotes, as lenient parsers see it: dots can be anywhere in the local part. */
const BARE_ADDRESS =
  /^[^<>()[\]:;,"\\@\0-\x20\x7f]+@(?:[^<>()[\]:;,"\\@.\0-\x20\x7f]+\.)*[^<>()[\]:;,"\\@.\0-\x20\x7f]+$/;
/** A local part that needs no quotes. */
const DOT_ATOM = /^[\w!#$%&'*+\-/=?^`{|}~\x80-\xff]+(?:\.[\w!#$%&'*+\-/=?^`{|}~\x80-\xff]+)*@/;
const WORD_LIMITS = /[\0-\x20\x7f<>()[\]:;,"\\]+/;
/** Characters between two authors. */
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

/** A group without members has a name, too: programs write that as the author (RFC 6854). */
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
 * Guesses the authors in a field that does not follow the grammar. Any text in front of an angle bracket is a name: devices
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

/** Guesses authors without angle brackets. A comma or semicolon is part of a name unless there are addresses on both sides. */
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

/** Returns the words between specials and white space, without a dot at the end. */
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

/** Whether a text is exactly one address without quotes or brackets. */
export function isBareAddress(text: string): boolean {
  return BARE_ADDRESS.test(text) && DOT_ATOM.test(text);
}

/**
 * Formats an address (RFC 5322 section 3.4.1): quotes a local part with dots in the wrong places.
 *
 * @param address As in {@linkcode Author}.
 */
export function addrSpecOf(address: string): string {
  if (DOT_ATOM.test(address) || parseAddressList(address) !== undefined) return address;
  const at = address.lastIndexOf("@");
  return `"${address.slice(0, at)}"@${address.slice(at + 1)}`;
}

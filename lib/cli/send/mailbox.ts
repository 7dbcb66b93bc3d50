/**
 * Senders and recipients as people write them.
 *
 * @module
 */

/** A mailbox of a header (RFC 5322 section 3.4). */
export interface Mailbox {
  /** The display name; empty if there is none. */
  readonly name: string;
  readonly address: string;
}

const NAMED = /^\s*(.*?)\s*<([^<>]*)>\s*$/s;
/** A comma that is not in double quotes. */
const SEPARATOR = /,(?=(?:[^"]*"[^"]*")*[^"]*$)/;

/** Parses `address`, `Name <address>` or `"Name" <address>`. Nothing is checked. */
export function parseMailbox(text: string): Mailbox {
  const [, name = "", address = text.trim()] = NAMED.exec(text) ?? [];
  return { name: name.replace(/^"(.*)"$/s, "$1").replace(/\\(.)/g, "$1"), address };
}

/** Parses mailboxes with commas between them. */
export function parseMailboxes(text: string): readonly Mailbox[] {
  return text.split(SEPARATOR).map(parseMailbox);
}

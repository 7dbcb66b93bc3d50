/**
 * The sender rules, applied to a header.
 *
 * They apply to From and Sender only. Microsoft compares these with the mailbox that submits (554 5.2.252 SendAsDenied), and
 * mail programs show them. The Resent-* fields tell who passed a message on, are "strictly informational" (RFC 5322 section
 * 3.6.6) and grant nothing, so they stay as they are.
 *
 * @module
 */
import { type Addresses, addrSpecOf, type Author } from "./addresses.ts";
import type { HeaderDraft } from "./draft.ts";
import { decodeUtf8, readable, TOLD_LIMIT_OCTETS, trimmed, utf8Octets } from "./text.ts";

/**
 * The senders that a message can have:
 *
 * - `any`: every octet of a header with a From field stays as it is;
 * - `only`: each address in From and Sender must be allowed;
 * - `always`: From becomes the mailbox, with the display name kept and the original in Reply-To.
 */
export type SenderRule =
  | { readonly kind: "any" }
  | { readonly kind: "only"; readonly allows: (address: string) => boolean }
  | { readonly kind: "always" };

/** A message breaks the rule `only`. No part of it was passed on. */
export class SenderRefusedError extends Error {
  override readonly name = "SenderRefusedError";

  /** The field as the client sent it, in one line, fit for logs and pages. */
  readonly value: string;

  /**
   * @param reason `forbidden`: the field names addresses that are not allowed. `unclear`: it can be read in several ways, or
   * names nobody.
   * @param addresses Those that are not allowed, or everything in an unclear field that could be an address.
   */
  constructor(
    readonly field: "From" | "Sender",
    readonly reason: "forbidden" | "unclear",
    readonly addresses: readonly string[],
    value: string,
  ) {
    super(REFUSALS[reason](field));
    this.value = readable(value, TOLD_LIMIT_OCTETS);
  }
}

const REFUSALS = {
  forbidden: (field: string) => `the ${field} header names an address that is not allowed`,
  unclear: (field: string) => `the ${field} header does not say clearly who sends the message`,
};

/** Rules for a header, and the values that complete it. */
export interface HeaderRules {
  readonly sender: SenderRule;
  /**
   * The address of a From field that is added or rewritten: an addr-spec (RFC 5322 section 3.4.1) in Unicode. With the rule
   * `only` it must be an allowed one, or messages without From are refused.
   */
  readonly mailbox: string;
  /** Milliseconds since 1970, for a Date field that is missing. */
  readonly now: () => number;
  /** A new `id@host` without angle brackets, for a Message-ID field that is missing. */
  readonly newMessageId: () => string;
}

/** Recommended length of a line (RFC 5322 section 2.1.1). */
const LINE_LENGTH = 78;

/**
 * Applies the rules to a header, and adds missing fields (RFC 6409 section 8).
 *
 * @throws {SenderRefusedError} with the rule `only`.
 */
export function applyRules(draft: HeaderDraft, rules: HeaderRules): void {
  const { sender, mailbox } = rules;
  if (sender.kind === "any" && draft.has("From")) return;
  if (sender.kind === "always") setMailbox(draft, mailbox);
  if (!draft.has("From")) draft.complete("From", utf8Octets(mailbox));
  if (sender.kind === "only") {
    for (const field of ["From", "Sender"] as const) {
      draft.edit(field, (value) => holdToAllowed(field, value, draft.read(value), sender.allows));
    }
  }
  if (!draft.has("Date")) draft.complete("Date", formatDate(rules.now()));
  if (!draft.has("Message-ID")) draft.complete("Message-ID", `<${rules.newMessageId()}>`);
}

/** RFC 5322 section 3.3. */
function formatDate(timeMs: number): string {
  return new Date(timeMs).toUTCString().replace("GMT", "+0000");
}

/** Refuses a field with an author that is not allowed. Returns its value, rewritten if it was unclear. */
function holdToAllowed(
  field: "From" | "Sender",
  value: string,
  addresses: Addresses,
  allows: (address: string) => boolean,
): string {
  if (trimmed(value) === "") return value;
  const found = addresses.candidates.map(decodeUtf8);
  const refused = found.filter((address) => !allows(address));
  if (refused.length > 0) throw new SenderRefusedError(field, "forbidden", refused, value);
  if (addresses.exact && found.length > 0) return value;
  const authors = clearAuthors(addresses);
  if (authors.length === 0) throw new SenderRefusedError(field, "unclear", found, value);
  return authors.map((author) => formatAuthor(field, author)).join(",\r\n ");
}

/**
 * Returns the authors that every program finds in a field that is not exact; none if some programs could find others. The
 * field can be rewritten with them.
 */
function clearAuthors({ authors, candidates }: Addresses): Addressee[] {
  const found = authors.filter(hasAddress);
  const addresses = new Set(found.map(({ address }) => address));
  return candidates.every((address) => addresses.has(address)) ? found : [];
}

/** Rewrites From to the mailbox, and removes every Sender that names another (RFC 5322 section 3.6.2). */
function setMailbox(draft: HeaderDraft, mailbox: string): void {
  const values = draft.values("From");
  const from = values.map((value) => draft.read(value));
  if (from.length > 1 || from.some((addresses) => !isMailbox(addresses, mailbox))) {
    const name = from.flatMap(({ authors }) => authors)[0]?.name;
    const value = formatAuthor("From", { name, address: utf8Octets(mailbox) });
    draft.edit("From", (_, index) => index === 0 ? value : undefined);
    if (!draft.has("Reply-To")) keepForReplies(draft, values, from, mailbox);
  }
  draft.edit("Sender", (value) => isMailbox(draft.read(value), mailbox) ? value : undefined);
}

/** Puts the authors into Reply-To: as written in From if that is exact, else those with an address. */
function keepForReplies(
  draft: HeaderDraft,
  values: readonly string[],
  from: readonly Addresses[],
  mailbox: string,
): void {
  const authors = from.flatMap(({ authors }) => authors.filter(hasAddress));
  if (authors.every(({ address }) => isSame(address, mailbox))) return;
  draft.edit("Reply-To", () => undefined);
  const asTheyStand = from.length === 1 && from[0]!.exact;
  const value = asTheyStand
    ? trimmed(values[0]!)
    : authors.map((author) => formatAuthor("Reply-To", author)).join(",\r\n ");
  draft.addBehind("From", "Reply-To", value);
}

/** Whether a field is exact and has this one address. */
function isMailbox({ authors, exact, grouped }: Addresses, mailbox: string): boolean {
  return exact && !grouped && authors.length === 1 && isSame(authors[0]!.address!, mailbox);
}

/** Microsoft ignores case, even in the local part. */
function isSame(address: string, mailbox: string): boolean {
  return decodeUtf8(address).toLowerCase() === mailbox.toLowerCase();
}

type Addressee = Author & { readonly address: string };

function hasAddress(author: Author): author is Addressee {
  return author.address !== undefined;
}

/** Formats a mailbox (RFC 5322 section 3.4), with the address in a line of its own if the name is long. */
function formatAuthor(field: string, { name, address }: Addressee): string {
  if (name === undefined) return addrSpecOf(address);
  const angle = `<${addrSpecOf(address)}>`;
  const lastLine = `${field}: ${name}`.split("\r\n").at(-1)!;
  return `${name}${lastLine.length + 1 + angle.length > LINE_LENGTH ? "\r\n" : ""} ${angle}`;
}

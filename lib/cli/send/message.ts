/**
 * A message written on the command line, with its sender and recipients as people write them.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Submission } from "../../../smtp/mod.ts";

type MessageBody = Parameters<Submission["data"]>[0];

/** A mailbox of a header (RFC 5322 section 3.4). */
interface Mailbox {
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

/** A message to send, in parts. */
export interface OutgoingMessage {
  readonly from: Mailbox;
  readonly to: readonly Mailbox[];
  readonly subject: string;
  readonly text: string;
}

/** RFC 2045 section 6.8: lines of base64 have at most 76 characters. */
const BASE64_LINE = /.{1,76}/g;
/** RFC 2047 section 2: a line with an encoded word has at most 76 characters, `Subject: ` included; 39 octets become 52. */
const ENCODED_WORD_OCTETS = 39;

/** Formats a message (RFC 5322). Its text is in base64, so it needs no 8BITMIME, and no line begins with a dot. */
export function formatMessage(
  { from, to, subject, text }: OutgoingMessage,
  date: Date,
): string {
  const domain = from.address.slice(from.address.lastIndexOf("@") + 1);
  return [
    `From: ${formatMailbox(from)}`,
    `To: ${to.map(formatMailbox).join(",\r\n ")}`,
    `Subject: ${encodeHeader(subject)}`,
    `Date: ${date.toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${crypto.randomUUID()}@${domain}>`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    ...(toBase64(text.replace(/\r?\n/g, "\r\n") + "\r\n").match(BASE64_LINE) ?? []),
    "",
  ].join("\r\n");
}

/** Returns a message as a body to relay. No line begins with a dot, so there is nothing to stuff. */
export function bodyOf(message: string): MessageBody {
  const octets = new TextEncoder().encode(message);
  return { next: () => ({ octets, last: true }) };
}

function formatMailbox({ name, address }: Mailbox): string {
  if (name === "") return `<${address}>`;
  const isPlain = /^[\x20-\x7e]*$/.test(name);
  const phrase = isPlain ? `"${name.replace(/["\\]/g, "\\$&")}"` : encodeHeader(name);
  return `${phrase}\r\n <${address}>`;
}

/** Keeps printable ASCII and puts anything else in encoded words (RFC 2047). */
function encodeHeader(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return piecesOf(text).map((piece) => `=?utf-8?B?${toBase64(piece)}?=`).join("\r\n ");
}

/** Splits a text into pieces that fit into one encoded word each; no character is cut. */
function piecesOf(text: string): string[] {
  const pieces = [""];
  for (const character of text) {
    const longer = `${pieces.at(-1)}${character}`;
    if (Buffer.byteLength(longer) <= ENCODED_WORD_OCTETS) pieces[pieces.length - 1] = longer;
    else pieces.push(character);
  }
  return pieces;
}

function toBase64(text: string): string {
  return Buffer.from(text).toString("base64");
}

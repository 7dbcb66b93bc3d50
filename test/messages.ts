/**
 * Messages that a relay might be tempted to change.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";

export const MIB = 1024 * 1024;
export const HEADER = "From: Nora <nora@outlook.example>\r\nSubject: Test\r\n\r\n";

/** A message to send. */
export interface TestMessage {
  readonly name: string;
  readonly content: Uint8Array;
  readonly recipients?: readonly string[];
  /** Parameters of MAIL, with a space before. */
  readonly parameters?: string;
}

export const MESSAGES: readonly TestMessage[] = [
  {
    name: "8-bit octets",
    content: Buffer.concat([text(HEADER), allHighOctets(), text("\r\n")]),
    parameters: " BODY=8BITMIME",
  },
  {
    name: "UTF-8 headers",
    content: text("Subject: Grüße 👋\r\nFrom: Nóra <nora@outlook.example>\r\n\r\nText\r\n"),
    parameters: " BODY=8BITMIME SMTPUTF8",
  },
  {
    name: "lines that begin with dots",
    content: text(`${HEADER}.\r\n..\r\n.text\r\n...\r\nend.\r\n.\r\n`),
  },
  {
    name: "long lines",
    content: text(`${HEADER}${"x".repeat(998)}\r\n${"y".repeat(100_000)}\r\n`),
  },
  {
    name: "display names and comments",
    content: text(
      `From: "Lindqvist, Nora \\"N\\"" <nora@outlook.example>\r\nTo: undisclosed-recipients:;\r\n\r\nText\r\n`,
    ),
  },
  {
    name: "recipients that are only in the envelope",
    content: text("To: visible@example.com\r\n\r\nText\r\n"),
    recipients: ["visible@example.com", "hidden@example.com"],
  },
  {
    name: "headers that lack nothing",
    content: text(`Date: yesterday\r\nMESSAGE-ID:<1@device>\r\n${HEADER}Text\r\n`),
  },
  { name: "empty lines at the end", content: text(`${HEADER}Text\r\n\r\n\r\n\r\n`) },
  { name: "empty bodies", content: text(HEADER) },
  { name: "bodies without headers", content: text("\r\nText\r\n") },
  { name: "5 MiB attachments", content: attachment(5 * MIB) },
];

/** Returns one that is about as large as submission servers allow. */
export function largeMessage(): TestMessage {
  return { name: "25 MiB attachments", content: attachment(25 * MIB) };
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function allHighOctets(): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, index) => 128 + index);
}

/** Random octets in base64, in lines of 76. */
function attachment(octets: number): Uint8Array {
  const lines = randomBytes(octets).toString("base64").replace(/.{76}/g, "$&\r\n");
  return text(`${HEADER}${lines}\r\n`);
}

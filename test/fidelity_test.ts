/**
 * What arrives equals what was sent, octet for octet.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { NORA, Product } from "./harness.ts";
import type { SmtpClient, SmtpLogin } from "../tools/simulate/smtp_client.ts";

const MIB = 1024 * 1024;
const HEADER = "From: Nora <nora@outlook.example>\r\nSubject: Test\r\n\r\n";

/** Programs whose submission server offers BDAT, as Microsoft's does, or DATA alone. */
const products = new Map<string, { readonly product: Product; readonly login: SmtpLogin }>();

Deno.test.beforeAll(async () => {
  for (const [upstream, hide] of [["BDAT", []], ["DATA", ["CHUNKING"]]] as const) {
    const product = await Product.start({}, { hide });
    products.set(upstream, { product, login: await product.signIn() });
  }
});
Deno.test.afterAll(async () => {
  for (const { product } of products.values()) await product[Symbol.asyncDispose]();
});

/** A message to send. */
interface Case {
  readonly name: string;
  readonly content: Uint8Array;
  readonly recipients?: readonly string[];
  /** Parameters of MAIL, with a space before. */
  readonly parameters?: string;
}

const CASES: readonly Case[] = [
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
  { name: "empty lines at the end", content: text(`${HEADER}Text\r\n\r\n\r\n\r\n`) },
  { name: "empty bodies", content: text(HEADER) },
  { name: "bodies without headers", content: text("\r\nText\r\n") },
  { name: "25 MiB attachments", content: attachment(25 * MIB) },
];

const CHUNK_OCTETS = 3 * MIB + 1;
const COMMANDS = {
  DATA: (client: SmtpClient, content: Uint8Array) => client.data(content),
  BDAT: (client: SmtpClient, content: Uint8Array) => client.bdat(content, CHUNK_OCTETS),
};
const WAYS = [["DATA", "DATA"], ["DATA", "BDAT"], ["BDAT", "DATA"], ["BDAT", "BDAT"]] as const;

for (const { name, content, recipients = ["a@example.com"], parameters = "" } of CASES) {
  for (const [downstream, upstream] of WAYS) {
    Deno.test(`${name} arrive as sent, by ${downstream} and then by ${upstream}`, async () => {
      const { product, login } = products.get(upstream)!;
      using client = await product.connect(login);
      await client.envelope(NORA, recipients, parameters);

      assert.match(await COMMANDS[downstream](client, content), /^250 /);

      const { last } = product.simulation.submissionServer.store;
      assert.equal(Buffer.compare(last.content, content), 0, "the content differs");
      assert.deepEqual(last.recipients.map(({ address }) => address), recipients);
      assert.equal(last.sender.address, NORA);
      assert.equal(last.command, upstream);
    });
  }
}

Deno.test("recipients and parameters of a pipelined transaction arrive in order", async () => {
  const { product, login } = products.get("BDAT")!;
  using client = await product.connect(login);
  await client.write(
    `MAIL FROM:<${NORA}> SIZE=100\r\nRCPT TO:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n`,
  );
  for (const code of ["250", "250", "250", "354"]) {
    assert.ok((await client.reply()).startsWith(code));
  }
  assert.match(await client.command(`${HEADER}Text\r\n.`), /^250 /);
  const { recipients } = product.simulation.submissionServer.store.last;
  assert.deepEqual(recipients.map(({ address }) => address), ["a@example.com", "b@example.com"]);
});

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

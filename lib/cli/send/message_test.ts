import assert from "node:assert/strict";
import PostalMime from "postal-mime";
import { bodyOf, formatMessage, parseMailbox, parseMailboxes } from "./message.ts";

const DATE = new Date("2026-11-22T15:44:22Z");

Deno.test("formatMessage() makes a message that says what was written", async () => {
  const parts = {
    from: { name: 'Nora "N" Lindqvist, Oslo', address: "nora@outlook.example" },
    to: [
      { name: "", address: "a@example.com" },
      { name: "Jürgen Weiß", address: "b@example.com" },
    ],
    subject: "Grüße 🎉 ".repeat(20).trim(),
    text: "Hällo\n.\nEnde",
  };
  const message = formatMessage(parts, DATE);
  assert.match(message, /^[\x20-\x7e\r\n]*$/);
  assert.ok(message.split("\r\n").every((line) => line.length <= 78 && !line.startsWith(".")));
  const parsed = await PostalMime.parse(message);
  assert.deepEqual(parsed.from, parts.from);
  assert.deepEqual(parsed.to, parts.to);
  assert.equal(parsed.subject, parts.subject);
  assert.equal(parsed.text?.replaceAll("\r\n", "\n"), "Hällo\n.\nEnde\n");
  assert.equal(parsed.date, DATE.toISOString());
  assert.match(parsed.messageId ?? "", /^<[\w-]+@outlook\.example>$/);
});

Deno.test("bodyOf() gives the message in one piece", async () => {
  const { octets, last } = await bodyOf("Subject: x\r\n\r\nText\r\n").next("stuffed");
  assert.equal(new TextDecoder().decode(octets), "Subject: x\r\n\r\nText\r\n");
  assert.equal(last, true);
});

const FORMS: readonly (readonly [text: string, name: string, address: string])[] = [
  ["nora@outlook.example", "", "nora@outlook.example"],
  [" <nora@outlook.example> ", "", "nora@outlook.example"],
  ["Nora Lindqvist <nora@outlook.example>", "Nora Lindqvist", "nora@outlook.example"],
  ['"Lindqvist, Nora" <nora@outlook.example>', "Lindqvist, Nora", "nora@outlook.example"],
  ['"Nora \\"N\\"" <nora@outlook.example>', 'Nora "N"', "nora@outlook.example"],
  ["nora", "", "nora"],
];

for (const [text, name, address] of FORMS) {
  Deno.test(`parseMailbox() reads ${text}`, () => {
    assert.deepEqual(parseMailbox(text), { name, address });
  });
}

Deno.test("parseMailboxes() takes no comma in quotes for a separator", () => {
  assert.deepEqual(
    parseMailboxes('"Lindqvist, Nora" <nora@outlook.example>, a@example.com').map(({ address }) =>
      address
    ),
    ["nora@outlook.example", "a@example.com"],
  );
});

import assert from "node:assert/strict";
import PostalMime from "postal-mime";
import { bodyOf, formatLetter } from "./letter.ts";

const DATE = new Date("2026-11-22T15:44:22Z");

Deno.test("formatLetter() makes a message that says what was written", async () => {
  const letter = {
    from: { name: 'Nora "N" Lindqvist, Oslo', address: "nora@outlook.example" },
    to: [
      { name: "", address: "a@example.com" },
      { name: "Jürgen Weiß", address: "b@example.com" },
    ],
    subject: "Grüße 🎉 ".repeat(20).trim(),
    text: "Hällo\n.\nEnde",
  };
  const message = formatLetter(letter, DATE);
  assert.match(message, /^[\x20-\x7e\r\n]*$/);
  assert.ok(message.split("\r\n").every((line) => line.length <= 78 && !line.startsWith(".")));
  const parsed = await PostalMime.parse(message);
  assert.deepEqual(parsed.from, letter.from);
  assert.deepEqual(parsed.to, letter.to);
  assert.equal(parsed.subject, letter.subject);
  assert.equal(parsed.text?.replaceAll("\r\n", "\n"), "Hällo\n.\nEnde\n");
  assert.equal(parsed.date, DATE.toISOString());
  assert.match(parsed.messageId ?? "", /^<[\w-]+@outlook\.example>$/);
});

Deno.test("bodyOf() gives the message in one piece", async () => {
  const { octets, last } = await bodyOf("Subject: x\r\n\r\nText\r\n").next("stuffed");
  assert.equal(new TextDecoder().decode(octets), "Subject: x\r\n\r\nText\r\n");
  assert.equal(last, true);
});

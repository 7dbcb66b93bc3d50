import assert from "node:assert/strict";
import { InputError, parseAllowedSender } from "./input.ts";

Deno.test("parseAllowedSender() takes an address, a pattern, or nothing", () => {
  assert.equal(parseAllowedSender(" Printer@Example.com "), "printer@example.com");
  assert.equal(parseAllowedSender("*@example.com"), "*@example.com");
  assert.equal(parseAllowedSender("scan-*@*.example.com"), "scan-*@*.example.com");
  assert.equal(parseAllowedSender("\u212a@\u017f.example"), "\u212a@\u017f.example");
  assert.equal(parseAllowedSender("  "), undefined);
});

for (
  const entered of [
    "printer",
    "a@b@c",
    "<a@b.c>",
    "a b@c.d",
    "a@b\r\nc",
    "*******@x",
    "@",
    "x".repeat(251) + "@b.c",
  ]
) {
  Deno.test(`parseAllowedSender() rejects ${JSON.stringify(entered.slice(0, 20))}`, () => {
    assert.throws(
      () => parseAllowedSender(entered),
      (error) => error instanceof InputError && error.field === "allowed-sender",
    );
  });
}

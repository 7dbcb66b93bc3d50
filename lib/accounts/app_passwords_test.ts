import assert from "node:assert/strict";
import { InputError } from "./input_error.ts";
import {
  APP_PASSWORD_BITS,
  generateAppPassword,
  generatedSpelling,
  importedSpelling,
  looksGenerated,
  parseAllowedSender,
} from "./app_passwords.ts";

Deno.test("K2: an app password has at least 128 bits", () => {
  assert.ok(APP_PASSWORD_BITS >= 128, `${APP_PASSWORD_BITS} bits`);
});

Deno.test("generateAppPassword() gives six groups of five characters without look-alikes", () => {
  const passwords = Array.from({ length: 200 }, generateAppPassword);
  for (const password of passwords) {
    assert.match(password, /^[2-9a-hjkmnp-z]{5}(-[2-9a-hjkmnp-z]{5}){5}$/);
  }
  assert.equal(new Set(passwords).size, passwords.length);
});

Deno.test("generatedSpelling() ignores dashes, spaces and case", () => {
  const spelling = generatedSpelling("7k3mp-x9rwa");
  for (const typed of ["7K3MP-X9RWA", "7k3mpx9rwa", " 7k3mp x9rwa ", "7k3mp--x9rwa"]) {
    assert.equal(generatedSpelling(typed), spelling);
  }
  assert.notEqual(generatedSpelling("7k3mp-x9rwb"), spelling);
});

Deno.test("looksGenerated() knows an app password however it is typed, and takes no address for one", () => {
  const password = generateAppPassword();
  for (const typed of [password, password.toUpperCase(), password.replaceAll("-", " ")]) {
    assert.ok(looksGenerated(typed), typed);
  }
  for (const typed of ["", "anna@example.com", "printer-3", password.slice(1), `${password}@a`]) {
    assert.ok(!looksGenerated(typed), typed);
  }
});

Deno.test("importedSpelling() ignores nothing and equals no generated spelling", () => {
  assert.notEqual(importedSpelling("Abc"), importedSpelling("abc"));
  assert.notEqual(importedSpelling("a-b"), importedSpelling("ab"));
  assert.notEqual(importedSpelling("abc"), generatedSpelling("abc"));
});

Deno.test("parseAllowedSender() takes an address, a pattern, or nothing", () => {
  assert.equal(parseAllowedSender(" Printer@Example.com "), "printer@example.com");
  assert.equal(parseAllowedSender("*@example.com"), "*@example.com");
  assert.equal(parseAllowedSender("scan-*@*.example.com"), "scan-*@*.example.com");
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

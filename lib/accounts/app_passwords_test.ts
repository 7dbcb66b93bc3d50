import assert from "node:assert/strict";
import {
  APP_PASSWORD_BITS,
  generateAppPassword,
  generatedSpelling,
  importedSpelling,
  looksGenerated,
} from "./app_passwords.ts";

Deno.test("K2: an app password has at least 79 bits, and fits into the fields of devices", () => {
  assert.ok(APP_PASSWORD_BITS >= 79, `${APP_PASSWORD_BITS} bits`);
  assert.equal(generateAppPassword().length, 19);
  assert.equal(generatedSpelling(generateAppPassword()).length, 16);
});

Deno.test("generateAppPassword() gives four groups of four characters without look-alikes", () => {
  const passwords = Array.from({ length: 200 }, generateAppPassword);
  for (const password of passwords) {
    assert.match(password, /^[2-9a-hjkmnp-z]{4}(-[2-9a-hjkmnp-z]{4}){3}$/);
  }
  assert.equal(new Set(passwords).size, passwords.length);
});

Deno.test("generatedSpelling() ignores dashes, spaces and case", () => {
  const spelling = generatedSpelling("7k3mp-x9rwa");
  for (
    const typed of [
      "7K3MP-X9RWA",
      "7k3mpx9rwa",
      " 7k3mp x9rwa ",
      "7k3mp--x9rwa",
      "7k3mp\u2013x9rwa",
      "7k3mp\u2212x9rwa",
      "\ufeff7k3mp-\u200bx9rwa\u00a0",
      "7k3mp\u00adx9rwa",
    ]
  ) {
    assert.equal(generatedSpelling(typed), spelling);
  }
  assert.notEqual(generatedSpelling("7k3mp-x9rwb"), spelling);
});

Deno.test("looksGenerated() knows an app password however it is typed, and takes no address for one", () => {
  const password = generateAppPassword();
  const former = "7k3mp-x9rwa-22222-33333-44444-55555";
  for (const typed of [password, password.toUpperCase(), password.replaceAll("-", " "), former]) {
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

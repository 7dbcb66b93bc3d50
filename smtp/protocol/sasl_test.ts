import assert from "node:assert/strict";
import { decodeBase64, type SaslStep, startSasl, xoauth2Response } from "./sasl.ts";
import { assertReply, assertThrowsReply, octets, text } from "../testing/assertions.ts";

/** Base64 of a text of one octet a character. */
function line(response: string): Uint8Array {
  return octets(btoa(response));
}

function plain(response: string): SaslStep {
  return startSasl("PLAIN", btoa(response)).step;
}

function credentials(username: string, password: string): SaslStep {
  return { credentials: { username, password } };
}

Deno.test("PLAIN takes the response with the command or after an empty challenge", () => {
  assert.deepEqual(plain("\0anna\0secret"), credentials("anna", "secret"));
  assert.deepEqual(plain("anna\0anna\0secret"), credentials("anna", "secret"));
  const { exchange, step } = startSasl("PLAIN", undefined);
  assert("challenge" in step);
  assert.equal(text(step.challenge.octets), "334 \r\n");
  assert.deepEqual(exchange.next(line("\0anna\0secret")), credentials("anna", "secret"));
});

Deno.test("PLAIN keeps UTF-8, and what it does not need to understand", () => {
  const utf8 = String.fromCharCode(...new TextEncoder().encode("\0änna\0pässword \ud83d\ude00"));
  assert.deepEqual(plain(utf8), credentials("änna", "pässword \ud83d\ude00"));
});

Deno.test("LOGIN asks for the user name, then for the password", () => {
  const { exchange, step } = startSasl("LOGIN", undefined);
  assert("challenge" in step);
  assert.equal(step.challenge.text, btoa("Username:"));
  const second = exchange.next(line("anna"));
  assert("challenge" in second);
  assert.equal(second.challenge.text, btoa("Password:"));
  assert.deepEqual(exchange.next(line("secret")), credentials("anna", "secret"));
});

Deno.test("LOGIN takes the user name with the command", () => {
  const { exchange, step } = startSasl("LOGIN", btoa("anna"));
  assert("challenge" in step);
  assert.equal(step.challenge.text, btoa("Password:"));
  assert.deepEqual(exchange.next(line("secret")), credentials("anna", "secret"));
});

Deno.test("S8: startSasl() rejects other mechanisms", () => {
  for (const mechanism of ["CRAM-MD5", "XOAUTH2", "", "plain", "toString", "__proto__"]) {
    assertThrowsReply(() => startSasl(mechanism, undefined), "504 5.5.4");
  }
});

Deno.test("S9: `*` cancels, and what is no base64 is rejected", () => {
  for (const mechanism of ["PLAIN", "LOGIN"]) {
    const start = () => startSasl(mechanism, undefined).exchange;
    assertThrowsReply(() => start().next(octets("*")), "501 5.7.0");
    for (const bad of ["!", "YQ", "YQ=", "YQ===", "Y Q=", "YQ==\t", "YQ-_", "=", "*a"]) {
      assertThrowsReply(() => start().next(octets(bad)), "501 5.5.2");
    }
  }
});

Deno.test("S11: PLAIN rejects other numbers of parts, empty parts and broken UTF-8 with 501", () => {
  const cases = ["", "anna", "anna\0secret", "\0anna\0secret\0", "\0\0secret", "\0anna\0", "\0\0"];
  for (const response of [...cases, "\0anna\xff\0secret", "\0anna\0\xc3"]) {
    assertThrowsReply(() => plain(response), "501 5.5.2");
  }
  assertThrowsReply(() => startSasl("PLAIN", "="), "501 5.5.2");
});

Deno.test("S11: acting for somebody else, and parts over 255 octets, are 535 as any wrong password", () => {
  const long = "x".repeat(256);
  for (const response of ["bob\0anna\0secret", `\0${long}\0secret`, `\0anna\0${long}`]) {
    assertThrowsReply(() => plain(response), "535 5.7.8");
  }
  assert.deepEqual(plain(`\0${"x".repeat(255)}\0secret`), credentials("x".repeat(255), "secret"));
});

Deno.test("S12: control characters in the user name are 535", () => {
  for (const username of ["anna\x01", "anna\r\n", "\x7fanna", "an\tna"]) {
    assertThrowsReply(() => plain(`\0${username}\0secret`), "535 5.7.8");
    const { exchange } = startSasl("LOGIN", btoa(username));
    assertThrowsReply(() => exchange.next(line("secret")), "535 5.7.8");
  }
});

Deno.test("LOGIN rejects an empty user name or password", () => {
  const { exchange } = startSasl("LOGIN", "=");
  assertThrowsReply(() => exchange.next(line("secret")), "501 5.5.2");
  const other = startSasl("LOGIN", btoa("anna")).exchange;
  assertThrowsReply(() => other.next(octets("")), "501 5.5.2");
});

Deno.test("decodeBase64() takes padded base64 alone", () => {
  assert.deepEqual(decodeBase64(""), new Uint8Array(0));
  assert.deepEqual(decodeBase64("AP8="), Uint8Array.of(0, 255));
  for (const bad of ["A", "AA", "AAA", "AA=A", "A===", "====", "AAAA AAAA", "AAAA\n"]) {
    assert.equal(decodeBase64(bad), undefined, bad);
  }
});

Deno.test("xoauth2Response() is what Microsoft's page shows", () => {
  assert.equal(
    xoauth2Response("test@contoso.onmicrosoft.com", "EwBAAl3BAAUFFpUAo7J3Ve0bjLBWZWCclRC3EoAA"),
    "dXNlcj10ZXN0QGNvbnRvc28ub25taWNyb3NvZnQuY29tAWF1dGg9QmVhcmVyIEV3QkFBbDNCQUFVRkZwVUFvN0ozVmUwYmpMQldaV0NjbFJDM0VvQUEBAQ==",
  );
});

Deno.test("xoauth2Response() rejects control characters, and shows no token in the error", () => {
  for (const [mailbox, token] of [["a\x01b", "token"], ["a", "tok\x01en"], ["a\r\n", "token"]]) {
    assert.throws(
      () => xoauth2Response(mailbox!, token!),
      (error) => error instanceof TypeError && !error.message.includes("tok\x01"),
    );
  }
});

Deno.test("startSasl() challenges need no enhanced code", () => {
  const { step } = startSasl("LOGIN", undefined);
  assert("challenge" in step);
  assertReply(step.challenge, "334 VXNlcm5hbWU6");
  assert.equal(step.challenge.enhanced, undefined);
});

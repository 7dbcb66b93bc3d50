import assert from "node:assert/strict";
import {
  checkCredentials,
  decodeBase64,
  type SaslStep,
  startSasl,
  xoauth2Response,
} from "./sasl.ts";
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

Deno.test("PLAIN accepts the response with the command or after an empty challenge", () => {
  assert.deepEqual(plain("\0anna\0secret"), credentials("anna", "secret"));
  assert.deepEqual(plain("anna\0anna\0secret"), {
    credentials: { authorizationId: "anna", username: "anna", password: "secret" },
  });
  const { exchange, step } = startSasl("PLAIN", undefined);
  assert("challenge" in step);
  assert.equal(text(step.challenge.octets), "334 \r\n");
  assert.deepEqual(exchange.next(line("\0anna\0secret")), credentials("anna", "secret"));
});

Deno.test("PLAIN keeps UTF-8 and characters without a meaning to it", () => {
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

Deno.test("LOGIN accepts the user name with the command", () => {
  const { exchange, step } = startSasl("LOGIN", btoa("anna"));
  assert("challenge" in step);
  assert.equal(step.challenge.text, btoa("Password:"));
  assert.deepEqual(exchange.next(line("secret")), credentials("anna", "secret"));
});

Deno.test("S8: startSasl() rejects other mechanisms", () => {
  for (const mechanism of ["CRAM-MD5", "XOAUTH2", "", "plain", "toString", "__proto__"]) {
    assertThrowsReply(() => startSasl(mechanism, undefined), "504 5.5.4");
  }
  assert.throws(
    () => startSasl("CRAM-MD5", undefined),
    (error: Error) => /asked for CRAM-MD5/.test(String(error.cause)),
  );
});

Deno.test("S9: `*` cancels, and invalid base64 is rejected", () => {
  for (const mechanism of ["PLAIN", "LOGIN"]) {
    const start = () => startSasl(mechanism, undefined).exchange;
    assertThrowsReply(() => start().next(octets("*")), "501 5.7.0");
    for (const bad of ["!", "YQ", "YQ=", "YQ===", "Y Q=", "YQ==\t", "YQ-_", "=", "*a"]) {
      assertThrowsReply(() => start().next(octets(bad)), "501 5.5.2");
    }
  }
});

Deno.test("S11: PLAIN rejects other numbers of parts, empty parts and broken UTF-8 with 501, and says what is wrong", () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    "501 5.5.2 PLAIN takes three parts": ["", "anna", "anna\0secret", "\0anna\0secret\0"],
    "501 5.5.2 The user name is empty": ["\0\0secret", "\0\0", "\0 \r\n\0secret"],
    "501 5.5.2 The password is empty": ["\0anna\0"],
    "501 5.5.2 The user name or the password is not UTF-8": ["\0anna\xff\0secret", "\0anna\0\xc3"],
  };
  for (const [reply, responses] of Object.entries(cases)) {
    for (const response of responses) assertThrowsReply(() => plain(response), reply);
  }
  assertThrowsReply(() => startSasl("PLAIN", "="), "501 5.5.2 PLAIN takes three parts");
  assertThrowsReply(() => startSasl("PLAIN", "!"), "501 5.5.2 The response is not base64");
});

Deno.test("PLAIN and LOGIN trim white space at the ends of names only", () => {
  const blanks = " \t\r\n\xc2\xa0";
  assert.deepEqual(plain(`\0${blanks}anna${blanks}\0 secret `), credentials("anna", " secret "));
  assert.deepEqual(plain(`bob${blanks}\0anna\0secret`), {
    credentials: { authorizationId: "bob", username: "anna", password: "secret" },
  });
  assert.deepEqual(plain(`${blanks}\0anna\0secret`), credentials("anna", "secret"));
  const { exchange } = startSasl("LOGIN", btoa(`anna${blanks}`));
  assert.deepEqual(exchange.next(line("secret")), credentials("anna", "secret"));
});

Deno.test("S11: checkCredentials() rejects parts over 255 octets", () => {
  const long = "ä".repeat(128);
  for (const [username, password] of [[long, "secret"], ["anna", long]] as const) {
    assert.throws(() => checkCredentials({ username, password }), { failure: "invalid" });
  }
  checkCredentials({ username: "x".repeat(255), password: "x".repeat(255) });
});

Deno.test("S12: checkCredentials() rejects control characters in the user name", () => {
  for (const username of ["anna\x01", "an\r\nna", "\x7fanna", "an\tna", "\u0085x\u0085y"]) {
    assert.throws(() => checkCredentials({ username, password: "secret" }), { failure: "invalid" });
  }
});

Deno.test("LOGIN asks once more for an empty user name, and rejects an empty password", () => {
  for (const empty of ["=", btoa(" \r\n")]) {
    const { exchange, step } = startSasl("LOGIN", empty);
    assert("challenge" in step);
    assert.equal(step.challenge.text, btoa("Username:"));
    const second = exchange.next(line("anna"));
    assert("challenge" in second);
    assert.equal(second.challenge.text, btoa("Password:"));
    assert.deepEqual(exchange.next(line("secret")), credentials("anna", "secret"));
  }
  const { exchange } = startSasl("LOGIN", "=");
  assertThrowsReply(() => exchange.next(octets("")), "501 5.5.2 The user name is empty");
  const other = startSasl("LOGIN", btoa("anna")).exchange;
  assertThrowsReply(() => other.next(octets("")), "501 5.5.2 The password is empty");
});

Deno.test("decodeBase64() accepts only padded base64", () => {
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

import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  type Command,
  type Extensions,
  formatMail,
  formatRcpt,
  type Mail,
  parseCommand,
  type Recipient,
} from "./command.ts";
import { SmtpError } from "./failure.ts";
import { assertThrowsReply, octets } from "../testing/assertions.ts";
import { check } from "../testing/property.ts";

const encoder = new TextEncoder();

function parse(line: string): Command {
  return parseCommand(encoder.encode(line));
}

function parseMail(line: string): Mail {
  const command = parse(line);
  assert(command.verb === "MAIL");
  return command.mail;
}

function parseRcpt(line: string): Recipient {
  const command = parse(line);
  assert(command.verb === "RCPT");
  return command.recipient;
}

/** A value without what is undefined. */
function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as
    & Partial<T>
    & object;
}

Deno.test("parseCommand() knows every verb, in any case", () => {
  const cases: readonly [string, Command][] = [
    ["EHLO client.example", { verb: "EHLO", name: "client.example" }],
    ["helo  printer 3 ", { verb: "HELO", name: "printer 3" }],
    ["EHLO [IPv6:2001:db8::1]", { verb: "EHLO", name: "[IPv6:2001:db8::1]" }],
    ["STARTTLS", { verb: "STARTTLS" }],
    ["starttls ", { verb: "STARTTLS" }],
    ["AUTH PLAIN", { verb: "AUTH", mechanism: "PLAIN", initialResponse: undefined }],
    ["auth login =", { verb: "AUTH", mechanism: "LOGIN", initialResponse: "=" }],
    ["AUTH PLAIN  AGFubmE=", { verb: "AUTH", mechanism: "PLAIN", initialResponse: "AGFubmE=" }],
    ["DATA", { verb: "DATA" }],
    ["BDAT 0", { verb: "BDAT", size: 0, last: false }],
    ["bdat 999999999999999 last", { verb: "BDAT", size: 999_999_999_999_999, last: true }],
    ["RSET", { verb: "RSET" }],
    ["QUIT", { verb: "QUIT" }],
    ["NOOP", { verb: "NOOP" }],
    ["NOOP anything at all", { verb: "NOOP" }],
    ["HELP", { verb: "HELP" }],
    ["HELP MAIL", { verb: "HELP" }],
    ["VRFY anna", { verb: "VRFY" }],
    ["EXPN staff", { verb: "EXPN" }],
  ];
  for (const [line, command] of cases) assert.deepEqual(parse(line), command, line);
});

Deno.test("parseCommand() rejects unknown verbs", () => {
  for (const line of ["", " ", "FOO", " NOOP", "EHLOX a", "MAILFROM:<a@example.com>", "toString"]) {
    assertThrowsReply(() => parse(line), "500 5.5.1");
  }
});

Deno.test("S2: parseCommand() rejects control characters and broken UTF-8", () => {
  const lines = [
    "NO\0OP",
    "NOOP\r",
    "NOOP \n",
    "NOOP \x1b[2J",
    "NOOP \x7f",
    "EHLO a\0",
    "EHLO a\rb",
  ];
  for (const line of lines) assertThrowsReply(() => parse(line), "500 5.5.2 Control characters");
  assertThrowsReply(
    () => parseCommand(octets("NOOP \xff")),
    "500 5.5.2 The command is neither ASCII nor UTF-8",
  );
});

Deno.test("S22: parseCommand() accepts an EHLO name in any code page, and escapes it", () => {
  const cases: readonly [line: string, name: string][] = [
    ["EHLO B\xfcro-Drucker", "B\\xFCro-Drucker"],
    ["helo \x83v\x83\x8a ", "\\x83v\\x83\\x8A"],
    ["HELO \x1b$B\x1b(B", "\\x1B$B\\x1B(B"],
    ["EHLO a\x08", "a\\x08"],
    ["EHLO", ""],
    ["HELO ", ""],
  ];
  for (const [line, name] of cases) {
    const command = parseCommand(octets(line));
    assert("name" in command);
    assert.equal(command.name, name);
  }
});

Deno.test("parseCommand() rejects missing and needless arguments", () => {
  const lines = ["AUTH", "AUTH PLAIN a b", "VRFY", "EXPN"];
  const needless = ["DATA x", "RSET x", "QUIT x", "STARTTLS x"];
  for (const line of [...lines, ...needless]) assertThrowsReply(() => parse(line), "501 5.5.4");
});

Deno.test("S3: parseCommand() rejects a bad BDAT, and ends the connection", () => {
  const sizes = ["", "0x10", "5abc", "1e3", "-1", "+5", "1.5", "١", "1".repeat(16), "9".repeat(30)];
  const lines = [
    ...sizes.map((size) => `BDAT ${size}`),
    "BDAT 5 LAST x",
    "BDAT 5 FIRST",
    "BDAT LAST",
  ];
  for (const line of lines) {
    assert(assertThrowsReply(() => parse(line), "501 5.5.4").closes, line);
  }
});

Deno.test("parseCommand() reads MAIL with its parameters", () => {
  const cases: readonly [string, Partial<Mail>][] = [
    ["<>", { reversePath: "", smtpUtf8: false }],
    ["<a@example.com>", { reversePath: "a@example.com", smtpUtf8: false }],
    ["<a@example.com> SIZE=0", { reversePath: "a@example.com", size: 0, smtpUtf8: false }],
    [
      "<a@example.com> SIZE=123 BODY=8bitmime SMTPUTF8 RET=full ENVID=a+2Bb AUTH=<>",
      {
        reversePath: "a@example.com",
        size: 123,
        body: "8BITMIME",
        smtpUtf8: true,
        ret: "FULL",
        envid: "a+2Bb",
      },
    ],
    ["<a@example.com> AUTH=b+40example.com", { reversePath: "a@example.com", smtpUtf8: false }],
  ];
  for (const [argument, mail] of cases) {
    assert.deepEqual(defined(parseMail(`MAIL FROM:${argument}`)), mail, argument);
  }
});

Deno.test("parseCommand() rejects bad parameters of MAIL", () => {
  const parameters = [
    "SIZE=x",
    "SIZE=-1",
    "SIZE=1234567890123456",
    "BODY=BINARYMIME",
    "BODY=9BIT",
    "SMTPUTF8=1",
    "RET=NONE",
    `ENVID=${"x".repeat(101)}`,
    "ENVID=a+2b",
    "ENVID=a+",
    "ENVID=ä",
    "AUTH=+zz",
    "SIZE=1 SIZE=1",
  ];
  for (const parameter of parameters) {
    assertThrowsReply(() => parse(`MAIL FROM:<a@example.com> ${parameter}`), "501 5.5.4");
  }
  assertThrowsReply(() => parse("MAIL FROM:<a@example.com> NOTIFY=NEVER"), "555 5.5.4");
});

Deno.test("S2: parseCommand() rejects control characters hidden in xtext", () => {
  for (const hidden of ["+0D+0A", "+00", "+1B", "+7F", "+0A"]) {
    for (
      const line of [
        `MAIL FROM:<a@example.com> ENVID=x${hidden}`,
        `MAIL FROM:<a@example.com> AUTH=x${hidden}`,
        `RCPT TO:<a@example.com> ORCPT=rfc822;x${hidden}`,
      ]
    ) assertThrowsReply(() => parse(line), "501 5.5.4");
  }
});

Deno.test("parseCommand() reads RCPT with its parameters", () => {
  const cases: readonly [string, Partial<Recipient>][] = [
    ["<a@example.com>", { forwardPath: "a@example.com" }],
    ["<postmaster>", { forwardPath: "postmaster" }],
    ["<a@example.com> NOTIFY=never", { forwardPath: "a@example.com", notify: "NEVER" }],
    ["<a@example.com> NOTIFY=success,Delay,FAILURE", {
      forwardPath: "a@example.com",
      notify: "SUCCESS,DELAY,FAILURE",
    }],
    ["<a@example.com> ORCPT=rfc822;b+2Bc@example.com", {
      forwardPath: "a@example.com",
      orcpt: "rfc822;b+2Bc@example.com",
    }],
    ["<a@example.com> ORCPT=utf-8;bö@example.com", {
      forwardPath: "a@example.com",
      orcpt: "utf-8;bö@example.com",
    }],
  ];
  for (const [argument, recipient] of cases) {
    assert.deepEqual(defined(parseRcpt(`RCPT TO:${argument}`)), recipient, argument);
  }
});

Deno.test("parseCommand() rejects bad recipients and parameters of RCPT", () => {
  assertThrowsReply(() => parse("RCPT TO:<>"), "501 5.1.3");
  assertThrowsReply(() => parse("RCPT TO:<postmaster2>"), "501 5.1.3");
  assertThrowsReply(() => parse("RCPT TO:<a@example.com> SIZE=1"), "555 5.5.4");
  const parameters = [
    "NOTIFY=NEVER,FAILURE",
    "NOTIFY=SOMETIMES",
    "NOTIFY=SUCCESS,",
    "NOTIFY=",
    "ORCPT=rfc822",
    "ORCPT=;a",
    "ORCPT=rfc822;ä",
    `ORCPT=rfc822;${"a".repeat(500)}`,
    "ORCPT=utf-8;a\u0085b",
  ];
  for (const parameter of parameters) {
    assertThrowsReply(() => parse(`RCPT TO:<a@example.com> ${parameter}`), "501 5.5.4");
  }
});

Deno.test("parseCommand() keeps at most a domain name's length of an EHLO name", () => {
  const command = parse(`EHLO ${"x".repeat(1000)}`);
  assert(command.verb === "EHLO");
  assert.equal(command.name.length, 255);
});

/** Lines that look like commands, with anything in them. */
const lines: fc.Arbitrary<Uint8Array> = fc.tuple(
  fc.constantFrom(
    "",
    "EHLO ",
    "AUTH ",
    "MAIL FROM:<a@b> ",
    "RCPT TO:<a@b> ",
    "BDAT ",
    "MAIL FROM:",
  ),
  fc.array(
    fc.oneof(
      fc.constantFrom("<", ">", "@", "=", " ", "+0D", "SIZE=", "ORCPT=rfc822;", '"', "\\", "\0"),
      fc.string({ unit: "binary", maxLength: 5 }),
    ),
    { maxLength: 10 },
  ),
).map(([verb, parts]) => encoder.encode(verb + parts.join("")));

Deno.test("parseCommand() throws nothing but an SmtpError of class 5", () =>
  check(fc.oneof(lines, fc.uint8Array({ maxLength: 60 })), (line) => {
    try {
      parseCommand(line);
    } catch (error) {
      assert(error instanceof SmtpError && error.reply.code >= 500);
    }
  }));

const ALL: Extensions = new Map(
  ["SIZE", "8BITMIME", "SMTPUTF8", "DSN"].map((keyword) => [keyword, ""]),
);
const NONE: Extensions = new Map();

Deno.test("formatMail() passes on the parameters that the upstream knows", () => {
  const mail: Mail = {
    reversePath: "a@example.com",
    size: 10,
    body: "8BITMIME",
    smtpUtf8: true,
    ret: "HDRS",
    envid: "x",
  };
  assert.equal(
    formatMail(mail, ALL),
    "MAIL FROM:<a@example.com> SIZE=10 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=x\r\n",
  );
  assert.equal(formatMail(mail, NONE), "MAIL FROM:<a@example.com>\r\n");
  assert.equal(formatMail({ reversePath: "", smtpUtf8: false }, ALL), "MAIL FROM:<>\r\n");
});

Deno.test("formatRcpt() passes on the parameters that the upstream knows", () => {
  const recipient = { forwardPath: "a@example.com", notify: "NEVER", orcpt: "rfc822;b" };
  assert.equal(
    formatRcpt(recipient, ALL),
    "RCPT TO:<a@example.com> NOTIFY=NEVER ORCPT=rfc822;b\r\n",
  );
  assert.equal(formatRcpt(recipient, NONE), "RCPT TO:<a@example.com>\r\n");
});

Deno.test("S2: every command that parseCommand() accepts is sent upstream as one line", () =>
  check(lines, (line) => {
    let command: Command;
    try {
      command = parseCommand(line);
    } catch {
      return; // Refused, so nothing goes upstream.
    }
    const sent = command.verb === "MAIL"
      ? formatMail(command.mail, ALL)
      : command.verb === "RCPT"
      ? formatRcpt(command.recipient, ALL)
      : "\r\n";
    assert.match(sent, /^[^\p{Cc}]*\r\n$/u);
  }));

import assert from "node:assert/strict";
import * as fc from "fast-check";
import { joinReplyLines, parseReplyLine, Reply, ReplySyntaxError, sanitise } from "./reply.ts";
import { SmtpError } from "./failure.ts";
import { text } from "../testing/assertions.ts";
import { check } from "../testing/property.ts";

/** Text of a line from any peer. */
const foreignText: fc.Arbitrary<string> = fc.uint8Array({ maxLength: 40 }).map(text);

Deno.test("Reply is encoded as RFC 5321 and RFC 2034 require", () => {
  const cases: readonly [Reply, string][] = [
    [new Reply(250, "2.1.0", "OK"), "250 2.1.0 OK\r\n"],
    [new Reply(354, undefined, "Go on"), "354 Go on\r\n"],
    [new Reply(250, undefined, "name", "SIZE 10", "DSN"), "250-name\r\n250-SIZE 10\r\n250 DSN\r\n"],
    [new Reply(550, "5.1.1", "one", "two"), "550-5.1.1 one\r\n550 5.1.1 two\r\n"],
    [new Reply(334, undefined, ""), "334 \r\n"],
    [new Reply(250, "2.0.0"), "250 2.0.0 \r\n"],
  ];
  for (const [reply, wire] of cases) assert.equal(text(reply.octets), wire);
});

Deno.test("Reply truncates a line that is too long for a peer", () => {
  const line = text(new Reply(550, "5.1.1", "x".repeat(1000)).octets);
  assert.equal(line.length, 512);
  assert(line.startsWith("550 5.1.1 xxx") && line.endsWith("x\r\n"));
});

Deno.test("Reply knows its class", () => {
  const classOf = ({ positive, intermediate, transient }: Reply) =>
    [positive, intermediate, transient].map(Number).join("");
  const cases: readonly [number, string][] = [
    [200, "100"],
    [250, "100"],
    [334, "010"],
    [421, "001"],
    [499, "001"],
    [500, "000"],
    [554, "000"],
  ];
  for (const [code, expected] of cases) assert.equal(classOf(new Reply(code, undefined)), expected);
});

Deno.test("Reply.toString() is one line for people", () => {
  assert.equal(String(new Reply(550, "5.7.1", "Not", "allowed")), "550 5.7.1 Not allowed");
  assert.equal(String(new Reply(354, undefined, "Go on")), "354 Go on");
});

Deno.test("SmtpError has the reply as its message, without the cause", () => {
  const cause = new Error("private");
  const error = new SmtpError(new Reply(454, "4.7.0", "Later"), { cause });
  assert.equal(error.message, "454 4.7.0 Later");
  assert.equal(error.cause, cause);
  assert(!error.closes);
});

Deno.test("sanitise() leaves printable ASCII alone", () => {
  const cases: readonly [string, string][] = [
    ["plain text", "plain text"],
    ["tab\there", "tab here"],
    ["\r\n250 injected", "??250 injected"],
    ["\x1b[2J", "?[2J"],
    ["caf\u00e9 \u202e", "caf? ?"],
    ["  around  ", "around"],
    ["\x7f\x00", "??"],
  ];
  for (const [from, to] of cases) assert.equal(sanitise(from), to);
});

Deno.test("parseReplyLine() accepts everything that RFC 5321 section 4.2 allows", () => {
  const cases: readonly [string, number, string, boolean][] = [
    ["250 OK", 250, "OK", false],
    ["250-first", 250, "first", true],
    ["250", 250, "", false],
    ["250 ", 250, "", false],
    ["250-", 250, "", true],
    ["599 x", 599, "x", false],
    ["334 VXNlcg==", 334, "VXNlcg==", false],
  ];
  for (const [line, code, text, more] of cases) {
    assert.deepEqual(parseReplyLine(line), { code, text, more });
  }
});

Deno.test("U8: parseReplyLine() rejects a line that is not a reply", () => {
  const lines = [
    "",
    "25",
    "2500",
    "250_x",
    "199 x",
    "600 x",
    "OK",
    " 250 x",
    "２５０ x",
    "HTTP/1.1 200 OK",
  ];
  for (const line of lines) assert.throws(() => parseReplyLine(line), ReplySyntaxError, line);
});

Deno.test("parseReplyLine() throws nothing but its own error", () =>
  check(
    fc.oneof(
      foreignText,
      fc.tuple(fc.integer({ min: 0, max: 999 }), foreignText)
        .map(([code, rest]) => `${code}${rest}`),
    ),
    (line) => {
      try {
        const { code } = parseReplyLine(line);
        assert(code >= 200 && code <= 599);
      } catch (error) {
        assert(error instanceof ReplySyntaxError);
      }
    },
  ));

function join(...lines: string[]): Reply {
  return joinReplyLines(lines.map(parseReplyLine));
}

Deno.test("joinReplyLines() takes the enhanced code out of the text", () => {
  const reply = join("550-5.1.1 No such user", "550 5.1.1 here");
  assert.equal(reply.enhanced, "5.1.1");
  assert.deepEqual(reply.lines, ["No such user", "here"]);
  assert.equal(join("535 5.7.139 Disabled").enhanced, "5.7.139");
  assert.deepEqual(join("250 2.0.0").lines, [""]);
});

Deno.test("joinReplyLines() finds the enhanced code of the reply's own class in any line", () => {
  const cases: readonly [lines: string[], code: string, texts: string[]][] = [
    [["451 4.7.0 4.7.0 x"], "4.7.0", ["x"]],
    [["451 5.7.1 4.7.1 x"], "4.7.1", ["x"]],
    [["535-unsuccessful", "535 5.7.139 disabled"], "5.7.139", ["unsuccessful", "disabled"]],
    [["454-5.7.3 one", "454 4.7.0 two"], "4.7.0", ["one", "two"]],
  ];
  for (const [lines, code, texts] of cases) {
    const reply = join(...lines);
    assert.equal(reply.enhanced, code);
    assert.deepEqual(reply.lines, texts);
  }
  const foreign = join("550 2.0.0 x");
  assert.equal(foreign.enhanced, undefined);
  assert.equal(foreign.text, "x");
});

Deno.test("joinReplyLines() ignores malformed enhanced codes", () => {
  for (const line of ["550 5.1 x", "550 5.1.1234 x", "550 5.1.1x", "550 x 5.1.1"]) {
    const reply = join(line);
    assert.equal(reply.enhanced, undefined, line);
    assert.equal(reply.text, line.slice(4));
  }
});

Deno.test("U8: joinReplyLines() rejects lines with different codes", () => {
  assert.throws(() => join("250-one", "550 two"), ReplySyntaxError);
});

Deno.test("U7: joinReplyLines() sanitises the text, so that one reply never becomes two", () =>
  check(foreignText, (foreign) => {
    const wire = text(join(`250 ${foreign}`).octets);
    assert.match(wire, /^250 [\x20-\x7e]*\r\n$/);
  }));

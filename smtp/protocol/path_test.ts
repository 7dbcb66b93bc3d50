import assert from "node:assert/strict";
import { isInternationalized, parsePath, parsePathArgument } from "./path.ts";
import { assertThrowsReply } from "../testing/assertions.ts";

Deno.test("parsePathArgument() splits path and parameters", () => {
  const cases: readonly [argument: string, path: string, rest: string][] = [
    ["FROM:<a@example.com>", "a@example.com", ""],
    ["from:<a@example.com>", "a@example.com", ""],
    ["FROM: <a@example.com>", "a@example.com", ""],
    ["FROM:<>", "", ""],
    ["FROM:<a@example.com> SIZE=1 BODY=7BIT", "a@example.com", "SIZE=1 BODY=7BIT"],
    ["FROM:<a@example.com>   SIZE=1", "a@example.com", "SIZE=1"],
    ["FROM:a@example.com", "a@example.com", ""],
    ["FROM:a@example.com SIZE=1", "a@example.com", "SIZE=1"],
    ['FROM:<"a b"@example.com>', '"a b"@example.com', ""],
    ['FROM:<"a>b"@example.com> SIZE=1', '"a>b"@example.com', "SIZE=1"],
    ['FROM:<"a\\">b"@example.com>', '"a\\">b"@example.com', ""],
  ];
  for (const [argument, path, rest] of cases) {
    assert.deepEqual(parsePathArgument("FROM:", argument), { path, rest }, argument);
  }
});

Deno.test("parsePathArgument() rejects an argument without a path", () => {
  const cases = [
    "",
    "FROM",
    "FROM:",
    "TO:<a@example.com>",
    "<a@example.com>",
    "FROM:<a@example.com",
    "FROM:a@example.com>",
    "FROM:<a@example.com>SIZE=1",
    "FROM:<a><b>",
    'FROM:<"a@example.com>',
  ];
  for (const argument of cases) {
    assertThrowsReply(() => parsePathArgument("FROM:", argument), "501 5.5.4");
  }
});

Deno.test("parsePath() accepts all addresses of RFC 5321 and RFC 6531, and common others", () => {
  const cases = [
    "a@example.com",
    "a.b+c=d@example.com",
    "!#$%&'*+-/=?^_`{|}~@example.com",
    '"a b"@example.com',
    '"a\\"b"@example.com',
    '""@example.com',
    "a@[192.0.2.1]",
    "a@[IPv6:2001:db8::1]",
    "a@under_score.example.com",
    "a@localhost",
    "a@example.com.",
    "ä@exämple.com",
    "用户@例子.广告",
  ];
  for (const path of cases) assert.equal(parsePath(path, "5.1.3"), path);
});

Deno.test("parsePath() removes a source route (RFC 5321 appendix C)", () => {
  assert.equal(parsePath("@one.example,@two.example:a@example.com", "5.1.3"), "a@example.com");
});

Deno.test("parsePath() rejects a bad address, with the code for sender or recipient", () => {
  const cases = [
    "",
    "a",
    "@example.com",
    "a@",
    "a@b@c",
    "a b@example.com",
    "a@exam ple.com",
    ".a@example.com",
    "a.@example.com",
    "a..b@example.com",
    "a@example..com",
    "a@.example.com",
    '"a@example.com',
    '"a"b@example.com',
    "a@[]",
    "a@[192.0.2.1",
    "a<b@example.com",
    "a>b@example.com",
    "a\tb@example.com",
    "a@example.com\u0085",
    '"a\rb"@example.com',
    '"a\\\rb"@example.com',
    `${"a".repeat(512)}@example.com`,
    `${"ä".repeat(255)}@example.com`,
  ];
  for (const path of cases) {
    assertThrowsReply(() => parsePath(path, "5.1.3"), "501 5.1.3");
    assertThrowsReply(() => parsePath(path, "5.1.7"), "501 5.1.7");
  }
});

Deno.test("isInternationalized() tells whether SMTPUTF8 is needed", () => {
  assert(!isInternationalized(""));
  assert(!isInternationalized("a@example.com"));
  assert(isInternationalized("ä@example.com"));
  assert(isInternationalized("a@exämple.com"));
});

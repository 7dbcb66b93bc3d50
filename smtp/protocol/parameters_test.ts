import assert from "node:assert/strict";
import { parseParameters } from "./parameters.ts";
import { assertThrowsReply } from "../testing/assertions.ts";

const KNOWN = ["SIZE", "BODY", "SMTPUTF8"];

Deno.test("parseParameters() returns keywords in upper case, and values as they are", () => {
  const cases: readonly [string, Record<string, string>][] = [
    ["", {}],
    ["SIZE=10", { SIZE: "10" }],
    ["size=10 Body=8bitMime", { SIZE: "10", BODY: "8bitMime" }],
    ["SMTPUTF8", { SMTPUTF8: "" }],
    ["  SIZE=10   SMTPUTF8 ", { SIZE: "10", SMTPUTF8: "" }],
  ];
  for (const [text, expected] of cases) assert.deepEqual(parseParameters(text, KNOWN), expected);
});

Deno.test("parseParameters() rejects unknown keywords with 555", () => {
  for (const text of ["HOLDFOR=1", "X", "constructor=1", "__proto__x=1", "SIZEE=1"]) {
    const reply = text.startsWith("__") ? "501 5.5.4" : "555 5.5.4";
    assertThrowsReply(() => parseParameters(text, KNOWN), reply);
  }
});

Deno.test("parseParameters() rejects malformed and repeated parameters with 501", () => {
  const cases = [
    "SIZE",
    "SIZE=",
    "SMTPUTF8=1",
    "=10",
    "-SIZE=1",
    "SIZE==10",
    "SIZE=1=2",
    "SIZE=1\u00002",
    "SIZE=10 size=20",
    "SMTPUTF8 SMTPUTF8",
    "SI\u00dfE=1",
  ];
  for (const text of cases) assertThrowsReply(() => parseParameters(text, KNOWN), "501 5.5.4");
});

import assert from "node:assert/strict";
import { problemOf, problemOfResponse, retryAfterOf } from "./problem.ts";

const TYPE = "urn:ietf:params:acme:error:";

function wordsOf(type: string, name?: string) {
  return problemOf({ type: `${TYPE}${type}`, detail: "the reason" }, { name }).words;
}

Deno.test("AcmeProblem says in words what the operator can do", () => {
  const cases: readonly (readonly [string, RegExp, RegExp])[] = [
    ["connection", /cannot reach port 80 of a\.example/, /Open port 80 in the firewall/],
    ["unauthorized", /Another server .* port 80 of a\.example/, /A and AAAA records/],
    ["dns", /no address of a\.example in DNS/, /Add an A or AAAA record/],
    ["caa", /CAA record .* forbids .* a\.example/, /CAA records/],
    ["rateLimited", /limit on requests/, /Wait/],
    ["unsupportedIdentifier", /does not issue for a\.example/, /another name/],
    ["externalAccountRequired", /requires an account/, /ACME_EAB_KEY_ID/],
    ["invalidContact", /ACME_EMAIL/, /Correct ACME_EMAIL/],
    ["somethingNew", /has refused/, /tries again/],
    ["toString", /has refused/, /tries again/],
  ];
  for (const [type, text, remedy] of cases) {
    const words = wordsOf(type, "a.example");
    assert.match(words.text, text);
    assert.match(words.text, /It says: the reason$/);
    assert.match(words.remedy, remedy);
  }
});

Deno.test("problemOf() looks below a compound problem", () => {
  const problem = problemOf({
    type: `${TYPE}compound`,
    detail: "several",
    subproblems: [{
      type: `${TYPE}caa`,
      detail: "CAA forbids",
      identifier: { type: "dns", value: "b.example" },
    }],
  });
  assert.deepEqual([problem.type, problem.host], ["caa", "b.example"]);
});

Deno.test("problemOf() keeps text of strangers on one line, and short", () => {
  const { message } = problemOf({ detail: `a\r\n\x1b[31mb${"x".repeat(1000)}` });
  assert.match(message, /^a \[31mbx+$/);
  assert.equal(message.length, 400);
  assert.equal(problemOf("nonsense").message, "no reason.");
});

Deno.test("problemOfResponse() reads Retry-After, and answers that are no JSON", async () => {
  const headers = { "retry-after": "3600" };
  const document = { type: `${TYPE}rateLimited`, detail: "too many" };
  const limited = await problemOfResponse(Response.json(document, { status: 429, headers }));
  assert.deepEqual([limited.type, limited.retryAfterMs], ["rateLimited", 3_600_000]);
  const broken = await problemOfResponse(new Response("<html>", { status: 503 }));
  assert.deepEqual([broken.type, broken.message], ["unreachable", "HTTP status 503."]);
  const date = new Headers({ "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" });
  assert.equal(retryAfterOf(date), 0);
  assert.equal(retryAfterOf(new Headers({ "retry-after": "soon" })), undefined);
});

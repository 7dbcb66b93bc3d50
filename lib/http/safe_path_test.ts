import assert from "node:assert/strict";
import { safePath } from "./safe_path.ts";

Deno.test("safePath() keeps paths on this site with their query", () => {
  assert.equal(safePath("/account", "/"), "/account");
  assert.equal(safePath("/activity?page=2&q=a%2Fb", "/"), "/activity?page=2&q=a%2Fb");
  assert.equal(safePath("/a/../b", "/"), "/b");
});

Deno.test("W8: safePath() falls back for whatever could lead away", () => {
  const elsewhere = [
    null,
    undefined,
    "",
    "account",
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/.//evil.example",
    "/x/..//evil.example",
    "javascript:alert(1)",
  ];
  for (const value of elsewhere) {
    assert.equal(safePath(value, "/account"), "/account", String(value));
  }
});

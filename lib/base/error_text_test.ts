import assert from "node:assert/strict";
import { errorText } from "./error_text.ts";

Deno.test("errorText() names an error with its causes", () => {
  const root = new TypeError("refused");
  const middle = new Error("no connection", { cause: root });
  assert.equal(
    errorText(new Error("login failed", { cause: middle })),
    "login failed: no connection: refused",
  );
});

Deno.test("errorText() says nothing twice", () => {
  const root = new Error("host not found");
  assert.equal(
    errorText(new Error("no connection: host not found", { cause: root })),
    "no connection: host not found",
  );
  const same = new Error("host not found", { cause: new Error("host not found: a.example") });
  assert.equal(errorText(same), "host not found: a.example");
});

Deno.test("errorText() names an error without a message by its class, and takes anything thrown", () => {
  assert.equal(errorText(new RangeError("")), "RangeError");
  assert.equal(errorText("plain text"), "plain text");
  assert.equal(errorText(new Error("x", { cause: 42 })), "x: 42");
});

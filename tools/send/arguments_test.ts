import assert from "node:assert/strict";
import { parseSendArguments, UsageError } from "./arguments.ts";

const REST = ["nora@outlook.example", "secret", "a@example.com"];

Deno.test("parseSendArguments() takes the protocol from the port", () => {
  const security = (server: string) => parseSendArguments([server, ...REST]).security;
  assert.equal(security("localhost:25"), "plain");
  assert.equal(security("localhost:465"), "tls");
  assert.equal(security("localhost:587"), "starttls");
  assert.equal(security("localhost:5587"), "starttls");
});

Deno.test("parseSendArguments() lets an option choose the protocol", () => {
  assert.equal(parseSendArguments(["localhost:25", ...REST, "--tls"]).security, "tls");
  assert.equal(parseSendArguments(["localhost:99", ...REST, "--plain"]).security, "plain");
});

Deno.test("parseSendArguments() takes sender, recipients, subject and message", () => {
  const [from, password] = REST as [string, string];
  const parsed = parseSendArguments([
    "[::1]:25",
    from,
    password,
    "a@example.com, b@example.com",
    "Hi",
    "Text",
  ]);
  assert.equal(parsed.host, "::1");
  assert.equal(parsed.user, from);
  assert.deepEqual(parsed.to, ["a@example.com, b@example.com"]);
  assert.equal(parsed.subject, "Hi");
  assert.equal(parsed.text, "Text");
});

Deno.test("parseSendArguments() takes the user name out of a sender with a name", () => {
  const from = "Nora Lindqvist <nora@outlook.example>";
  const { user, from: sender } = parseSendArguments([
    "localhost:25",
    from,
    "secret",
    "a@example.com",
  ]);
  assert.equal(user, "nora@outlook.example");
  assert.equal(sender, from);
});

for (
  const [problem, args] of [
    ["a missing recipient", ["localhost:25", "a@example.com", "secret"]],
    ["a missing port", ["localhost", ...REST]],
    ["a port out of range", ["localhost:70000", ...REST]],
    ["a port of no known protocol", ["localhost:99", ...REST]],
    ["an unquoted message", ["localhost:25", ...REST, "subject", "two", "words"]],
    ["an unknown option", ["localhost:25", ...REST, "--nonsense"]],
  ] as const
) {
  Deno.test(`parseSendArguments() rejects ${problem}`, () => {
    assert.throws(() => parseSendArguments(args), UsageError);
  });
}

import assert from "node:assert/strict";
import { InputError } from "../accounts/mod.ts";
import { explainSignInError } from "../explain/mod.ts";
import type { Environment } from "../config/mod.ts";
import { MicrosoftError } from "../microsoft/mod.ts";
import { SecretError } from "../crypto/secrets.ts";
import { StoreError } from "../store/store.ts";
import { type Call, type Command, CommandError } from "./command.ts";
import { runCommandLine } from "./command_line.ts";
import { Output } from "./output.ts";

const ENVIRONMENT = {
  APP_SECRETS: "app:secret-text",
  SESSION_SECRET: "short-one",
  LOG_LEVEL: "info",
};

async function runWith(
  run: (call: Call) => Promise<number>,
  environment: Environment = ENVIRONMENT,
  ...args: string[]
) {
  const errors: string[] = [];
  const command: Command = { name: "serve", summary: "serve", run };
  const code = await runCommandLine(args, [command], {
    output: new Output({
      write: () => {},
      writeError: (line) => errors.push(line),
      colours: false,
    }),
    environment,
    readFile: () => {
      throw new Deno.errors.NotFound("no such file");
    },
    ask: () => undefined,
    confirm: () => false,
    createPages: () => Promise.reject(new Error("unused")),
    dialer: { connect: () => Promise.reject(new Error("unused")) },
  });
  return { code, text: errors.join("\n") };
}

const signInExpired = new MicrosoftError("sign-in-required", explainSignInError("AADSTS70008"));

const ERRORS: readonly [error: Error, code: number, text: RegExp][] = [
  [new CommandError("no such account", 67), 67, /^no such account$/],
  [new InputError("name", "bad name"), 64, /^bad name$/],
  [new StoreError("locked", "Database x is locked."), 74, /locked/],
  [new SecretError("unknown-key", "Put the former secret back."), 78, /former secret/],
  [
    new Deno.errors.NotCapable(
      'Requires read access to "/x", run again with the --allow-read flag',
    ),
    74,
    /^Requires read access to "\/x", and Deno was started without it\. .*[^\n]$/,
  ],
  [
    new Deno.errors.PermissionDenied("Permission denied: stat '/x'"),
    74,
    /^Permission .* as the user/,
  ],
  [signInExpired, 77, /AADSTS70008[^]*Sign in/],
];

for (const [error, code, text] of ERRORS) {
  Deno.test(`runCommandLine() turns a ${error.name} into a message and exit code ${code}`, async () => {
    const ended = await runWith(() => Promise.reject(error));
    assert.equal(ended.code, code);
    assert.match(ended.text, text);
  });
}

Deno.test("runCommandLine() says where a mistake in the program happened", async () => {
  const { code, text } = await runWith(() => Promise.reject(new TypeError("bad type")));
  assert.equal(code, 70);
  assert.match(text, /An unexpected error: TypeError: bad type\n +at .*command_line_test\.ts/);
});

Deno.test("K1: runCommandLine() names settings that are wrong without their secrets", async () => {
  const { code, text } = await runWith((call) => Promise.resolve(call.config() ? 0 : 1));
  assert.equal(code, 78);
  assert.match(text, /SESSION_SECRET: /);
  assert.match(text, /SMTP_PUBLIC_HOST: is required/);
  assert.doesNotMatch(text, /secret-text|short-one/);
});

Deno.test("runCommandLine() returns what the command returns", async () => {
  assert.equal(
    (await runWith((call) => Promise.resolve(call.flag("json") ? 5 : 6), {}, "--json")).code,
    5,
  );
});

Deno.test("runCommandLine() leads to `init` where there are no settings at all", async () => {
  const run = (call: Call) => Promise.resolve(call.config() ? 0 : 1);
  const { code, text } = await runWith(run, {});
  assert.equal(code, 78);
  assert.match(text, /There are no settings yet\. .* init .*\n.*deno task dev/);
});

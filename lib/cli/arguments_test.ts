import assert from "node:assert/strict";
import { readArguments } from "./arguments.ts";
import { type Command, CommandError } from "./command.ts";
import { EXIT } from "./exit_codes.ts";

const run = () => Promise.resolve(0);
const COMMANDS: readonly Command[] = [
  { name: "serve", summary: "serve", run },
  { name: "send", summary: "send", parameters: ["FROM", "TO", "[SUBJECT]"], run },
  {
    name: "account list",
    summary: "list",
    options: { search: { value: "TEXT", meaning: "" } },
    run,
  },
  {
    name: "account remove",
    summary: "remove",
    parameters: ["ACCOUNT"],
    options: { yes: { meaning: "" } },
    run,
  },
  { name: "mailbox add", summary: "add", parameters: ["[ADDRESS...]"], run },
  { name: "account password list", summary: "list", parameters: ["ACCOUNT"], run },
];

function read(...args: string[]) {
  const found = readArguments(args, COMMANDS);
  if (found.kind !== "call") return found;
  const { command, parameters, flags, texts } = found;
  return { name: command.name, parameters, flags: [...flags], texts: Object.fromEntries(texts) };
}

Deno.test("readArguments() takes serve when there is no command", () => {
  const texts = { "env-file": "x.env" };
  assert.deepEqual(read("--env-file", "x.env"), {
    name: "serve",
    parameters: [],
    flags: [],
    texts,
  });
});

Deno.test("readArguments() finds commands of several words, wherever the options are", () => {
  assert.deepEqual(read("--json", "account", "password", "list", "anna@example.com"), {
    name: "account password list",
    parameters: ["anna@example.com"],
    flags: ["json"],
    texts: {},
  });
  assert.deepEqual(read("account", "list", "--search=a b"), {
    name: "account list",
    parameters: [],
    flags: [],
    texts: { search: "a b" },
  });
});

Deno.test("readArguments() takes any number where a parameter stands for that", () => {
  for (const addresses of [[], ["a@b.example"], ["a@b.example", "c@d.example", "e@f.example"]]) {
    const found = read("mailbox", "add", ...addresses);
    assert.deepEqual("parameters" in found && found.parameters, addresses);
  }
});

Deno.test("readArguments() takes what follows -- as parameters", () => {
  assert.deepEqual(read("send", "--", "--a", "-b"), {
    name: "send",
    parameters: ["--a", "-b"],
    flags: [],
    texts: {},
  });
});

Deno.test("readArguments() knows when help or the version is wanted", () => {
  assert.deepEqual(read("--version"), { kind: "version" });
  assert.deepEqual(read("--help"), { kind: "overview", group: "" });
  assert.deepEqual(read("account", "--help"), { kind: "overview", group: "account" });
  assert.deepEqual(read("account", "password", "-h"), {
    kind: "overview",
    group: "account password",
  });
  assert.deepEqual(read("send", "--help"), { kind: "help", command: COMMANDS[1] });
});

const WRONG: readonly [args: string[], message: RegExp][] = [
  [["sned"], /"sned" is not a command\. Did you mean send\?/],
  [["frobnicate"], /"frobnicate" is not a command\.\n/],
  [["account"], /"account" needs one more word/],
  [["account", "lsit"], /"account lsit" is not a command\. Did you mean account list\?/],
  [["acount", "list"], /"acount" is not a command\. Did you mean account\?/],
  [
    ["account", "list", "--serach", "x"],
    /--serach is not an option of "account list"\. Did you mean --search\?/,
  ],
  [["account", "list", "--yes"], /--yes is not an option of "account list"\.\n/],
  [["serve", "-x"], /-x is not an option of "serve"/],
  [["account", "list", "--search"], /--search needs a value: --search TEXT/],
  [["account", "list", "--search="], /--search needs a value/],
  [["serve", "--json=yes"], /--json takes no value/],
  [["send", "a@example.com"], /TO is missing/],
  [["send", "a", "b", "c", "d"], /"d" is one argument too many\. Put quotes/],
  [["serve", "now"], /"now" is one argument too many\.\n/],
];

for (const [args, message] of WRONG) {
  Deno.test(`readArguments() rejects: ${args.join(" ")}`, () => {
    assert.throws(() => read(...args), (error) => {
      assert.ok(error instanceof CommandError);
      assert.match(error.message, message);
      assert.equal(error.exitCode, EXIT.usage);
      return true;
    });
  });
}

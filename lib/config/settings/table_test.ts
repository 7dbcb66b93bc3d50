import assert from "node:assert/strict";
import { parseConfig } from "../config.ts";
import { VARIABLES } from "../names.ts";
import { RULES } from "./filters.ts";
import { SETTINGS } from "./table.ts";

/** The names of all variables that the parser looks at; `METRICS_HOST` is looked at only beside a port. */
function variablesRead(): string[] {
  const read = new Set<string>();
  const values: Record<string, string> = {
    APP_SECRETS: "app:secret",
    SESSION_SECRET: "0123456789abcdef0123456789abcdef",
    SMTP_PUBLIC_HOST: "smtp.example.com",
    SMTP_PORT: "25",
    METRICS_PORT: "9090",
  };
  const env = new Proxy(values, {
    get(target, name) {
      read.add(String(name));
      return target[String(name)];
    },
  });
  parseConfig(env, () => "");
  return [...read];
}

Deno.test("VARIABLES lists exactly the variables that are read", () => {
  assert.deepEqual(variablesRead().sort(), VARIABLES.toSorted());
});

Deno.test("SETTINGS says what applies when a variable is not set, and shows a value", () => {
  for (const { name, meaning, default: fallback, otherwise, example } of SETTINGS) {
    assert.match(meaning, /\.$/, name);
    assert.ok(fallback !== undefined || otherwise, `${name} has no default`);
    assert.ok(fallback ?? example, `${name} has no example`);
  }
});

Deno.test("SETTINGS has defaults that its own ranges and choices allow", () => {
  for (const { name, default: fallback, range, choices } of SETTINGS) {
    if (fallback === undefined) continue;
    if (choices) assert.ok(choices.includes(fallback), name);
    if (range) assert.ok(Number(fallback) >= range.min && Number(fallback) <= range.max, name);
  }
});

Deno.test("RULES has the default order of the account filters", () => {
  const order = ["DISALLOWED_EMAILS", "DISALLOWED_DOMAINS", "ALLOWED_EMAILS", "ALLOWED_DOMAINS"]
    .flatMap((subject) =>
      ["LIST", "LIST_FILE", "REGEX", "REGEX_FILE"].map((form) => `${subject}_${form}`)
    );
  assert.deepEqual(RULES.map(({ variable }) => variable), order);
});

import assert from "node:assert/strict";
import { SETTINGS } from "../lib/config/mod.ts";
import { envExample } from "./env_example.ts";

Deno.test(".env.example is what `deno task docs` writes", async () => {
  const committed = await Deno.readTextFile(new URL("../.env.example", import.meta.url));
  assert.equal(
    committed,
    envExample(SETTINGS),
    "run: deno task docs",
  );
});

Deno.test("envExample() has one line for each setting; only the required ones take effect", () => {
  const lines = envExample(SETTINGS).split("\n");
  const names = lines.flatMap((line) => /^#?([A-Z_]+)=/.exec(line)?.[1] ?? []);
  assert.deepEqual(names, SETTINGS.map(({ name }) => name));
  const active = lines.flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? []);
  assert.deepEqual(active, ["SMTP_PUBLIC_HOST", "SESSION_SECRET"]);
});

Deno.test("envExample() writes a setting as a comment and an assignment", () => {
  const setting = {
    name: "TEA_TIME_S",
    group: "Tea",
    meaning: "How long the tea draws.",
    default: "240",
    range: { min: 1, max: 600, unit: "seconds" },
  };
  assert.ok(
    envExample([setting]).endsWith(
      "# Tea\n\n# How long the tea draws.\n# Allowed: 1 to 600 (seconds).\n# Default: 240\n#TEA_TIME_S=240\n",
    ),
  );
});

import assert from "node:assert/strict";
import { checkImports } from "./check_imports.ts";

/** The specifiers in a file that break a rule. */
function rejected(path: string, ...specifiers: string[]): string[] {
  const text = specifiers.map((specifier) => `import x from "${specifier}";\n`).join("");
  return checkImports([{ path, text }]).map(({ specifier }) => specifier);
}

Deno.test("checkImports() keeps smtp to itself", () => {
  assert.deepEqual(rejected("smtp/session.ts", "./wire.ts", "node:net", "../smtp/tcp/x.ts"), []);
  const wrong = ["../lib/log.ts", "preact", "npm:oauth4webapi@^3", "../main.ts"];
  assert.deepEqual(rejected("smtp/session.ts", ...wrong), wrong);
  assert.deepEqual(rejected("smtp/tcp/network.ts", "../wire.ts", "../../lib/log.ts"), [
    "../../lib/log.ts",
  ]);
});

Deno.test("checkImports() lets lib see the door of smtp only", () => {
  const right = ["./log.ts", "../smtp/mod.ts", "oauth4webapi", "node:crypto", "../deno.json"];
  assert.deepEqual(rejected("lib/tokens.ts", ...right), []);
  const wrong = ["../smtp/session.ts", "../routes/app.ts", "../islands/menu.tsx", "../main.ts"];
  assert.deepEqual(rejected("lib/tokens.ts", ...wrong), wrong);
});

Deno.test("checkImports() keeps pages and islands apart from the servers", () => {
  const right = [
    "fresh",
    "fresh/runtime",
    "preact",
    "../lib/log.ts",
    "../islands/menu.tsx",
    "./a.tsx",
  ];
  assert.deepEqual(rejected("routes/index.tsx", ...right), []);
  const wrong = ["../smtp/backend.ts", "../main.ts", "oauth4webapi", "freshness"];
  assert.deepEqual(rejected("routes/index.tsx", ...wrong), wrong);
  assert.deepEqual(rejected("islands/menu.tsx", "preact/hooks", "fresh/runtime", "./item.tsx"), []);
  const wrongHere = ["fresh", "../lib/log.ts", "../routes/app.ts", "node:net"];
  assert.deepEqual(rejected("islands/menu.tsx", ...wrongHere), wrongHere);
});

Deno.test("checkImports() keeps test packages and test code out of the program", () => {
  const packages = [
    "fast-check",
    "npm:nodemailer@^10.6.0",
    "npm:axe-core@4",
    "oidc-provider/lib/x.js",
  ];
  const code = [
    "./tools/send.ts",
    "./lib/testing/pages_fixture.ts",
    "./lib/log_test.ts",
    "./lib/store/testing.ts",
  ];
  assert.deepEqual(rejected("main.ts", ...packages, ...code), [...packages, ...code]);
  for (
    const path of [
      "tools/a.ts",
      "test/a_test.ts",
      "bench/a.ts",
      "smtp/a_test.ts",
      "lib/testing/a.ts",
    ]
  ) {
    assert.deepEqual(rejected(path, ...packages, ...code), [], path);
  }
  assert.deepEqual(rejected("dev.ts", "./tools/simulate.ts", "nodemailer"), ["nodemailer"]);
});

Deno.test("checkImports() finds every form of import, and names the line", () => {
  const text = `import type { A } from "../lib/a.ts";
import {
  b,
} from "../lib/b.ts";
import "../lib/c.ts";
export * as d from "../lib/d.ts";
export { type E, e as f } from "../lib/e.ts";
type F = import("../lib/f.ts").F;
import {
  // why
  g,
} from "../lib/g.ts";
 * import { h } from "../lib/h.ts";
// import { i } from "../lib/i.ts";
const j = 'from "../lib/j.ts"';
`;
  assert.deepEqual(
    checkImports([{ path: "smtp/x.ts", text }]).map(({ line, specifier }) => [line, specifier]),
    [
      [1, "../lib/a.ts"],
      [4, "../lib/b.ts"],
      [5, "../lib/c.ts"],
      [6, "../lib/d.ts"],
      [7, "../lib/e.ts"],
      [8, "../lib/f.ts"],
      [12, "../lib/g.ts"],
    ],
  );
});

Deno.test("tools/check_imports.ts exits with 1 and names file, line and rule", async () => {
  const root = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${root}/smtp`);
    await Deno.writeTextFile(`${root}/smtp/a.ts`, '\nimport "preact";\n');
    const script = new URL("check_imports.ts", import.meta.url).href;
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-read", script],
      cwd: root,
    }).output();
    assert.equal(code, 1);
    assert.equal(
      new TextDecoder().decode(stderr),
      'smtp/a.ts:2: "preact": smtp imports only smtp and node:*\n',
    );
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

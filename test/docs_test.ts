/**
 * The documents say what the code does: links lead somewhere, commands exist, tables are those of the code.
 */
import assert from "node:assert/strict";
import { dirname, join, normalize } from "node:path/posix";
import manifest from "../deno.json" with { type: "json" };
import { MADE, madeText } from "../tools/docs.ts";
import { run } from "./harness.ts";

const SKIPPED = /^(\.git|_fresh|data|dist|node_modules)$/;

/** All documents, by their path. */
const documents = new Map(
  await Promise.all((await markdownFiles(".")).map(async (path) => {
    return [path, await Deno.readTextFile(path)] as const;
  })),
);

async function markdownFiles(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = normalize(join(folder, name));
    if (isDirectory && !SKIPPED.test(name)) paths.push(...await markdownFiles(path));
    else if (name.endsWith(".md")) paths.push(path);
  }
  return paths.toSorted();
}

/** It names tests, which come and go: what it has to name is tested below. */
const TESTED_OTHERWISE = "docs/security.md";

for (const made of MADE.filter(([path]) => path !== TESTED_OTHERWISE)) {
  Deno.test(`${made[0]} is what the code makes of it`, async () => {
    assert.equal(await Deno.readTextFile(made[0]), await madeText(made), "run: deno task docs");
  });
}

/** The anchors of a document, as GitHub makes them of headings. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading);
  return new Set(
    headings.map((heading) =>
      heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-")
    ),
  );
}

/** Targets of links and images on this site. */
function relativeLinks(text: string): string[] {
  const prose = text.replace(/^```.*?^```/gms, "");
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)];
  return targets.map(([, link, source]) => link ?? source ?? "")
    .filter((target) => !/^[a-z]+:/.test(target));
}

for (const [path, text] of documents) {
  Deno.test(`the links in ${path} lead somewhere`, async () => {
    for (const link of relativeLinks(text)) {
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? path : normalize(join(dirname(path), file));
      await assert.doesNotReject(Deno.stat(target), `${path}: ${link}`);
      const linked = documents.get(target);
      if (anchor !== undefined && linked) {
        assert.ok(anchorsOf(linked).has(anchor), `${path}: ${link}`);
      }
    }
  });
}

Deno.test("every document is reached from the README", () => {
  const reached = new Set<string>();
  const follow = (path: string) => {
    const text = documents.get(path);
    if (text === undefined || reached.has(path)) return;
    reached.add(path);
    for (const link of relativeLinks(text)) {
      follow(normalize(join(dirname(path), link.split("#")[0]!)));
    }
  };
  follow("README.md");
  const lost = [...documents.keys()].filter((path) =>
    path.startsWith("docs/") && !reached.has(path)
  );
  assert.deepEqual(lost, []);
});

Deno.test("every task in the documents exists, and every task is explained", () => {
  const tasks = Object.keys(manifest.tasks);
  for (const [path, text] of documents) {
    for (const [, task = ""] of text.matchAll(/\bdeno(?:@[\d.]+)? task ([a-z]+)/g)) {
      assert.ok(tasks.includes(task), `${path}: deno task ${task}`);
    }
  }
  const readme = documents.get("README.md") ?? "";
  for (const task of tasks) assert.ok(readme.includes(`\`deno task ${task}\``), task);
});

Deno.test("every command of the program in the documents exists", async () => {
  const { output } = await run(Deno.execPath(), ["run", "-A", "main.ts", "--help"]);
  const commands = [...output.matchAll(/^ {2}([a-z]+(?: [a-z]+)*) {2,}/gm)].map(([, name]) => name);
  assert.ok(commands.includes("serve"));
  let count = 0;
  for (const [path, text] of documents) {
    for (
      const [, command = ""] of text.matchAll(/^ *(?:tools\/)?smtp-oauth2-proxy ([a-z ]+[a-z])/gm)
    ) {
      const isKnown = commands.some((name) => `${command} `.startsWith(`${name} `));
      assert.ok(isKnown, `${path}: ${command}`);
      count++;
    }
  }
  assert.ok(count >= 5, `only ${count} commands were found`);
});

/** Every promise has its ID. */
const PROMISES: Readonly<Record<string, number>> = { S: 22, U: 11, T: 5, D: 4, W: 10, K: 5 };

/** The tests that a row names: `[file](path): \`name\``. */
const NAMED_TEST = /\[[^\]]+\]\(\.\.\/([^)]+)\): `([^`]+)`/g;

for (const [letter, count] of Object.entries(PROMISES)) {
  for (let number = 1; number <= count; number++) {
    const id = `${letter}${number}`;
    Deno.test(`docs/security.md has the row ${id}, with tests that exist`, async () => {
      const text = documents.get(TESTED_OTHERWISE) ?? "";
      const [row = ""] = new RegExp(`^\\| ${id} .*$`, "m").exec(text) ?? [];
      const tests = [...row.matchAll(NAMED_TEST)];
      assert.ok(tests.length > 0, "no test is named; run: deno task docs");
      for (const [, path = "", name = ""] of tests) {
        const source = await Deno.readTextFile(path);
        assert.ok(
          source.includes(`: ${name.replaceAll("\\|", "|")}`),
          `${path} has no test "${name}"; run: deno task docs`,
        );
      }
    });
  }
}

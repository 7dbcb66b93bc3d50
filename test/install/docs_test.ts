/**
 * The documents say what the code does: links lead somewhere, commands exist, tables are those of the code.
 */
import assert from "node:assert/strict";
import { dirname, join, normalize } from "node:path/posix";
import manifest from "../../deno.json" with { type: "json" };
import { VARIABLES } from "../../lib/config/mod.ts";
import { MADE, madeText } from "../../tools/docs.ts";
import { documents, repositoryFiles } from "./documents.ts";
import { runCommand } from "../testbed.ts";

/** It names tests, which come and go: what it has to name is tested below. */
const TESTED_OTHERWISE = "docs/security.md";

Deno.test("documents that are made of the code are up to date", async () => {
  for (const made of MADE.filter(([path]) => path !== TESTED_OTHERWISE)) {
    const [path] = made;
    const current = await Deno.readTextFile(path);
    assert.equal(current, await madeText(made), `${path} is outdated; run: deno task docs`);
  }
});

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

/** A link as it is shown if it leads nowhere. */
async function brokenLink(path: string, link: string): Promise<string | undefined> {
  const [file = "", anchor] = link.split("#");
  const target = file === "" ? path : normalize(join(dirname(path), file));
  const exists = await Deno.stat(target).then(() => true, () => false);
  const linked = documents.get(target);
  const leads = exists && (anchor === undefined || !linked || anchorsOf(linked).has(anchor));
  return leads ? undefined : `${path}: ${link}`;
}

Deno.test("every link in the documents leads somewhere", async () => {
  const links = [...documents].flatMap(([path, text]) =>
    relativeLinks(text).map((link) => brokenLink(path, link))
  );
  assert.ok(links.length > 100, `only ${links.length} links were found`);
  assert.deepEqual((await Promise.all(links)).filter((link) => link !== undefined), []);
});

Deno.test("every image is shown in a document", async () => {
  const shown = new Set(
    [...documents].flatMap(([path, text]) =>
      relativeLinks(text).map((link) => normalize(join(dirname(path), link)))
    ),
  );
  const images: string[] = [];
  for await (const { name } of Deno.readDir("docs/images")) images.push(`docs/images/${name}`);
  assert.ok(images.length > 0);
  assert.deepEqual(images.filter((path) => !shown.has(path)), [], "take them away");
});

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
    for (const [, task = ""] of text.matchAll(/\bdeno(?:@[\d.]+)? task ([a-z:]+)/g)) {
      assert.ok(tasks.includes(task), `${path}: deno task ${task}`);
    }
  }
  for (const [task, { description }] of Object.entries(manifest.tasks)) {
    assert.ok(description, `deno.json: ${task} has no description`);
  }
});

Deno.test("every command of the program in the documents exists", async () => {
  const { output } = await runCommand(["--help"]);
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

/** Code in the prose of a document, and as a link's text. */
function codeIn(text: string): string[] {
  const prose = text.replace(/^ *```.*?^ *```/gms, "");
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
}

/** A file of the code, or a folder, as prose names it: perhaps without the folder in which it is. */
const CODE_PATH = /^(?:[\w.()[\]-]+\/)+$|^[\w./()[\]-]*[\w\])]\.(?:tsx?|ya?ml|smtp|sh|css)$/;

Deno.test("every file and folder that the documents name exists", async () => {
  const paths = await repositoryFiles();
  const isThere = (name: string) => {
    const [inside, beside] = [`/${name}`, name.endsWith("/") ? `/${name}` : undefined];
    return paths.some((path) => {
      const rooted = `/${path}`;
      return beside ? rooted.includes(beside) : rooted.endsWith(inside);
    });
  };
  const named = [...documents].flatMap(([path, text]) =>
    codeIn(text).filter((code) => CODE_PATH.test(code)).map((code) => ({ path, code }))
  );
  assert.ok(named.length > 60, `only ${named.length} names were found`);
  const missing = named.filter(({ code }) => !code.startsWith("_fresh/") && !isThere(code));
  assert.deepEqual(missing, []);
});

/** A class, or a function or method with its parentheses, as prose names it. */
const CODE_NAME = /^(?:[A-Z][a-z]+(?:[A-Z][a-z]+)+|(?:\w+\.)?#?\w+\(\))$/;

Deno.test("every class and function that the documents for developers name exists", async () => {
  const paths = (await repositoryFiles()).filter((path) => /\.tsx?$/.test(path));
  const words = new Set<string>();
  for (const source of await Promise.all(paths.map((path) => Deno.readTextFile(path)))) {
    for (const [word] of source.matchAll(/\w+/g)) words.add(word);
  }
  const names = ["docs/architecture.md", "CONTRIBUTING.md"].flatMap((path) =>
    codeIn(documents.get(path) ?? "").filter((code) => CODE_NAME.test(code))
  );
  assert.ok(names.length > 30, `only ${names.length} names were found`);
  const isThere = (name: string) => name.match(/\w+/g)!.every((word) => words.has(word));
  assert.deepEqual(names.filter((name) => !isThere(name)), []);
});

/** Variables of other programs, and of our tools. */
const OTHER_VARIABLES: readonly string[] = [
  "DENO_DIR",
  "DENO_JOBS",
  "DESCRIPTOR_LIMIT",
  "NO_COLOR",
  "RENEWED_LINEAGE",
  "SO_REUSEPORT",
];

Deno.test("every setting that the documents name exists", () => {
  const known: readonly string[] = [...VARIABLES, ...OTHER_VARIABLES];
  // The changelog also names former ones, and mistakes.
  const present = [...documents].filter(([path]) => path !== "CHANGELOG.md");
  const named = present.flatMap(([path, text]) =>
    codeIn(text).flatMap((code) => {
      const [, name] = /^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=.*)?$/.exec(code) ?? [];
      return name ? [`${path}: ${name}`] : [];
    })
  );
  assert.ok(named.length > 100, `only ${named.length} names were found`);
  assert.deepEqual(named.filter((text) => !known.includes(text.replace(/^.*: /, ""))), []);
});

Deno.test("every package has its reason in docs/architecture.md", () => {
  const [, chapter = ""] = documents.get("docs/architecture.md")?.split("## Dependencies\n") ?? [];
  const packages = Object.values(manifest.imports).flatMap((target) => {
    const [, name] = /^npm:\/?((?:@[^/]+\/)?[^@/]+)/.exec(target) ?? [];
    return name ? [name] : [];
  });
  assert.ok(packages.length > 15);
  assert.deepEqual(packages.filter((name) => !chapter.includes(`\`${name}\``)), []);
});

/** Every promise has its ID. */
const PROMISES: Readonly<Record<string, number>> = { S: 22, U: 11, T: 5, D: 4, W: 10, K: 5 };

/** The tests that a row names: `[file](path): \`name\``. */
const NAMED_TEST = /\[[^\]]+\]\(\.\.\/([^)]+)\): `([^`]+)`/g;

/** Whether a file has a test of this name, as the row writes it. */
async function hasTest(path: string, name: string): Promise<boolean> {
  const source = await Deno.readTextFile(path).catch(() => "");
  return source.includes(`: ${name.replaceAll("\\|", "|")}`);
}

Deno.test("docs/security.md has a row for every promise, with tests that exist", async () => {
  const text = documents.get(TESTED_OTHERWISE) ?? "";
  const ids = Object.entries(PROMISES).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`)
  );
  const problems: string[] = [];
  for (const id of ids) {
    const [row = ""] = new RegExp(`^\\| ${id} .*$`, "m").exec(text) ?? [];
    const tests = [...row.matchAll(NAMED_TEST)];
    if (tests.length === 0) problems.push(`${id} names no test`);
    for (const [, path = "", name = ""] of tests) {
      if (!await hasTest(path, name)) problems.push(`${id}: ${path} has no test "${name}"`);
    }
  }
  assert.deepEqual(problems, [], "run: deno task docs");
});

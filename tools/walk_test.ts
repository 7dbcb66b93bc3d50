import assert from "node:assert/strict";

const DOCUMENT = "docs/architecture.md";
const ROOT = new URL("../", import.meta.url);
/** A function or class with the file in which it is: `[\`Pool.lease()\`](../smtp/upstream/pool.ts)`. */
const STEP = /\[`(?:(\w+)\.)?(#?\w+)(?:\(\))?`\]\(\.\.\/([^)]+\.tsx?)\)/g;
const MOST_STEPS = 9;

/** The chapter with the walks, a section each. */
async function walks(): Promise<string[]> {
  const text = await Deno.readTextFile(new URL(DOCUMENT, ROOT));
  const [, chapter = ""] = text.split(/^## A stranger's walk$/m);
  return chapter.split(/^## /m)[0]!.split(/^### /m).slice(1);
}

/** Whether a file declares a function, a class, or a method of a class. */
function declares(source: string, owner: string | undefined, name: string): boolean {
  const escaped = name.replace("#", "\\#");
  if (owner === undefined) return new RegExp(`(function|class) ${escaped}\\b`).test(source);
  const [, body = ""] = source.split(new RegExp(`class ${owner}\\b`));
  return new RegExp(`^  (?:static |async |get )*${escaped}(?:<.*>)?\\(`, "m").test(body);
}

Deno.test("the walks in docs/architecture.md name functions that exist", async () => {
  for (const walk of await walks()) {
    const steps = [...walk.matchAll(STEP)];
    assert.ok(steps.length > 4, walk);
    for (const [, owner, name, path] of steps) {
      const source = await Deno.readTextFile(new URL(path!, ROOT));
      assert.ok(declares(source, owner, name!), `${owner ?? ""} ${name} is not in ${path}`);
    }
  }
});

Deno.test("the walks in docs/architecture.md have fewer than ten steps each", async () => {
  const titles = (await walks()).map((walk) => walk.split("\n")[0]);
  assert.deepEqual(titles, [
    "The way of a message",
    "The way of a credential",
    "The way of a token",
    "The way of a request",
  ]);
  for (const walk of await walks()) {
    assert.ok(walk.match(/^\d+\. /gm)!.length <= MOST_STEPS, walk);
  }
});

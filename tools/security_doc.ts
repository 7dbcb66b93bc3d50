/**
 * The last column of the tables in `docs/security.md`: the tests of each promise. The rest is written by hand.
 *
 * @module
 */
import { basename } from "node:path/posix";

/** A test that carries the ID of a promise. */
export interface PromiseTest {
  readonly id: string;
  /** Relative to the root of the repository. */
  readonly path: string;
  /** As it stands in the source. */
  readonly name: string;
}

/** More would not help the reader. */
const MAX_TESTS = 3;

/** Files with tests, and folders without. */
const TEST_FILE = /(_test\.tsx?|\.smtp)$/;
const SKIPPED = /^(\.git|_fresh|data|dist|node_modules)$/;

/** `Deno.test("S1: …", …)`, `S1: …` in templates, and the heads of transcripts. */
const TEST_NAME = /(?:["`]|^== )([A-Z]\d+(?:, [A-Z]\d+)*): ([^"`\n]+)/gm;
/** A row that begins with an ID. */
const ROW = /^(\| *([STUDWK]\d+) *\|.*\|)[^|\n]*\|$/gm;

/** Returns all tests that carry an ID, in the order of their paths. */
export async function findPromiseTests(folder = "."): Promise<readonly PromiseTest[]> {
  const tests: PromiseTest[] = [];
  const entries = await Array.fromAsync(Deno.readDir(folder));
  for (const { name, isDirectory } of entries.toSorted((a, b) => a.name < b.name ? -1 : 1)) {
    const path = folder === "." ? name : `${folder}/${name}`;
    if (isDirectory && !SKIPPED.test(name)) tests.push(...await findPromiseTests(path));
    if (TEST_FILE.test(name)) tests.push(...testsIn(path, await Deno.readTextFile(path)));
  }
  return tests;
}

function testsIn(path: string, text: string): readonly PromiseTest[] {
  return [...text.matchAll(TEST_NAME)].flatMap(([, ids = "", name = ""]) =>
    ids.split(", ").map((id) => ({ id, path, name: name.trim() }))
  );
}

/** Returns the page with the tests filled in. */
export async function securityDocument(current: string): Promise<string> {
  const tests = Map.groupBy(await findPromiseTests(), ({ id }) => id);
  return current.replace(
    ROW,
    (_row, others: string, id: string) => `${others} ${cell(tests.get(id) ?? [])} |`,
  );
}

function cell(tests: readonly PromiseTest[]): string {
  return tests.slice(0, MAX_TESTS).map(({ path, name }) => {
    const text = name.replaceAll("|", "\\|");
    return `[${basename(path)}](../${path}): \`${text}\``;
  }).join("<br>");
}

/**
 * The last column of the tables in `docs/security.md`: the tests of each promise. The rest is written by hand.
 *
 * @module
 */
import { basename } from "node:path/posix";
import { readSources, type SourceFile } from "./imports/sources.ts";

/** A test that carries the ID of a promise. */
interface PromiseTest {
  readonly id: string;
  /** Relative to the root of the repository. */
  readonly path: string;
  /** As it stands in the source. */
  readonly name: string;
}

/** More would not help the reader. */
const MAX_TESTS = 3;

/** Files with tests. */
const TEST_FILE = /(_test\.tsx?|\.smtp)$/;

/** `Deno.test("S1: …", …)`, `S1: …` in templates, and the heads of transcripts. */
const TEST_NAME = /(?:["`]|^== )([A-Z]\d+(?:, [A-Z]\d+)*): ([^"`\n]+)/gm;
/** A row that begins with an ID. */
const ROW = /^(\| *([STUDWK]\d+) *\|.*\|)[^|\n]*\|$/gm;

function testsIn({ path, text }: SourceFile): readonly PromiseTest[] {
  return [...text.matchAll(TEST_NAME)].flatMap(([, ids = "", name = ""]) =>
    ids.split(", ").map((id) => ({ id, path, name: name.trim() }))
  );
}

/** Returns the page with the tests filled in. */
export async function securityDocument(current: string): Promise<string> {
  const files = await readSources(TEST_FILE);
  const tests = Map.groupBy(files.flatMap(testsIn), ({ id }) => id);
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

/**
 * Runs all tests, then prints the slowest tests and files:
 *
 *     deno task test:slow [PATH ...]
 *
 * @module
 */
import { formatTable } from "../lib/cli/table.ts";

/** The number of tests, and of files, that are printed. */
const ROW_COUNT = 20;

/** Durations of one run, the longest first. */
export interface Durations {
  readonly tests: readonly Duration[];
  readonly files: readonly Duration[];
}

/** The duration of a test, or of all tests of a file. */
export interface Duration {
  /** `file: test`, or the file. */
  readonly name: string;
  readonly seconds: number;
}

/** A test of a JUnit report, as `deno test --junit-path` writes it. */
const TEST_CASE = /<testcase name="([^"]*)" classname="([^"]*)" time="([^"]*)"/g;
/** Stands between the name of a test and the name of its step. */
const STEP_MARK = " &gt; ";

const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&amp;": "&",
};

/** Reads the durations from a JUnit report. A step counts as a part of its test. */
export function readDurations(report: string): Durations {
  const cases = [...report.matchAll(TEST_CASE)].map(([, name = "", file = "", seconds]) => ({
    name,
    file,
    seconds: Number(seconds),
  }));
  const names = new Set(cases.map(({ name, file }) => `${file}: ${name}`));
  const tests = cases.filter(({ name, file }) => {
    const end = name.lastIndexOf(STEP_MARK);
    return end < 0 || !names.has(`${file}: ${name.slice(0, end)}`);
  });
  const files = Map.groupBy(tests, ({ file }) => file);
  return {
    tests: longestFirst(
      tests.map(({ name, file, seconds }) => ({ name: decode(`${file}: ${name}`), seconds })),
    ),
    files: longestFirst([...files].map(([file, tests]) => ({
      name: decode(file),
      seconds: tests.reduce((sum, { seconds }) => sum + seconds, 0),
    }))),
  };
}

function longestFirst(durations: readonly Duration[]): readonly Duration[] {
  return durations.toSorted((one, other) => other.seconds - one.seconds);
}

function decode(text: string): string {
  return text.replace(/&\w+;/g, (entity) => ENTITIES[entity] ?? entity);
}

/** Formats the longest durations, one a line. */
function formatLongest(durations: readonly Duration[]): string {
  const rows = durations.slice(0, ROW_COUNT).map(({ name, seconds }) => [
    seconds.toFixed(2).padStart(8),
    name,
  ]);
  return formatTable(rows).join("\n");
}

/** Runs the tests. @returns the exit code of `deno test`. */
async function main(paths: readonly string[]): Promise<number> {
  const reportFile = await Deno.makeTempFile({ suffix: ".xml" });
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "test:all", `--junit-path=${reportFile}`, ...paths],
  }).spawn().status;
  const { tests, files } = readDurations(await Deno.readTextFile(reportFile));
  await Deno.remove(reportFile);
  console.log(`\nSlowest tests, in seconds:\n${formatLongest(tests)}`);
  console.log(`\nSlowest files, in seconds:\n${formatLongest(files)}`);
  return code;
}

if (import.meta.main) Deno.exit(await main(Deno.args));

/**
 * Runs the tests, with the options of `deno test`:
 *
 *     deno task test [OPTION ...]
 *     deno task test:all [OPTION ...]
 *
 * The first leaves out {@linkcode LONG_FOLDERS}: what it runs is for every change, in about two minutes.
 *
 * `deno test` starts an isolate for each file of tests, which takes longer than most files. The tests beside the code need no
 * isolate of their own, so that those of one folder share one; `deno test PATH` runs single files as usual. All share one
 * PostgreSQL. Databases are in memory if it has room: they write through to a disk again and again. Types are not checked
 * here: `deno task ok` has done so, and remembers it.
 *
 * @module
 */
import { statfs } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { DIRECTORY_VARIABLE } from "../lib/store/testing.ts";
import { Cluster, CLUSTER_VARIABLE, needsPostgres } from "../test/postgres.ts";

/** Folders of tests beside the code; each folder is run in one isolate. */
const SHARED_FOLDERS = [
  "lib/store",
  "lib/replicas",
  "lib",
  "smtp",
  "routes",
  "islands",
  "tools",
];
/** End-to-end tests: each file is run in an isolate of its own. */
const OWN_FOLDER = "test";
/** End-to-end tests that take minutes: they start browsers, databases, and whole installations. */
const LONG_FOLDERS = ["browser", "install", "replicas"].map((folder) => join(OWN_FOLDER, folder));
/** The longest end-to-end tests, which begin first, so that no processor waits for a last one. */
const LONGEST = [
  "browser/pages_test.ts",
  "browser/organisation_test.ts",
  "install/install_vps_test.ts",
  "browser/switches_test.ts",
  "install/permissions_test.ts",
  "replicas/outage_test.ts",
  "replicas/replicas_test.ts",
  "install/fresh_clone_test.ts",
  "install/demo_test.ts",
  "crash_test.ts",
  "switches_test.ts",
  "stop_test.ts",
].map((file) => join(OWN_FOLDER, file));
/** With one file a processor, two fifths of the processors’ time is left: tests wait for processes and sockets. */
const FILES_PER_PROCESSOR = 1.5;

/** More crashes than for every change. */
const CRASH_ROUNDS = "8";
const MEMORY_FOLDER = "/dev/shm";
/** The octets that all databases of tests need, with some to spare. */
const ROOM = 1 << 30;

const TEST_FILE = /_test\.tsx?$/;
/** A hook holds for all tests of an isolate. */
const HOOK = /\bDeno\.test\.(?:before|after)(?:All|Each)\(/;

/** Files with tests, by how they are run. */
interface TestFiles {
  readonly shared: string[];
  readonly own: string[];
}

/** Finds the tests of a folder, but for those of some folders in it. */
export async function findTests(
  folder: string,
  except: readonly string[] = [],
): Promise<TestFiles> {
  const found: TestFiles = { shared: [], own: [] };
  for (const entry of await Array.fromAsync(Deno.readDir(folder))) {
    const path = join(folder, entry.name);
    if (except.includes(path)) continue;
    if (entry.isDirectory) {
      const { shared, own } = await findTests(path, except);
      found.shared.push(...shared);
      found.own.push(...own);
    } else if (TEST_FILE.test(entry.name)) {
      const hasHooks = HOOK.test(await Deno.readTextFile(path));
      found[hasHooks ? "own" : "shared"].push(path);
    }
  }
  return found;
}

/** Writes a module that imports all tests of a folder that may share an isolate. @returns it and the other files. */
async function gather(folder: string, directory: string): Promise<readonly string[]> {
  const { shared, own } = await findTests(folder, SHARED_FOLDERS);
  const module = join(directory, `${folder.replaceAll("/", "_")}.ts`);
  const urls = shared.toSorted().map((path) => pathToFileURL(resolve(path)).href);
  await Deno.writeTextFile(module, urls.map((url) => `import ${JSON.stringify(url)};\n`).join(""));
  return [module, ...own];
}

/** Returns end-to-end tests, the longest first. */
export function longestFirst(files: readonly string[]): readonly string[] {
  const rank = (file: string) => LONGEST.includes(file) ? LONGEST.indexOf(file) : LONGEST.length;
  return files.toSorted((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1));
}

/** Returns a folder in memory for databases; `undefined`: there is none, or it has little room. */
async function memoryFolder(): Promise<string | undefined> {
  try {
    const { bavail, bsize } = await statfs(MEMORY_FOLDER);
    return bavail * bsize >= ROOM ? MEMORY_FOLDER : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Runs the tests: all of them with `--all` before the options. @returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const all = args[0] === "--all";
  const options = all ? args.slice(1) : args;
  const folder = await memoryFolder();
  const prefix = "smtp_oauth2_proxy_tests_";
  const directory = await Deno.makeTempDir({ prefix, dir: folder });
  await Deno.chmod(directory, 0o755); // PostgreSQL runs as another user.
  const modules = await Promise.all(SHARED_FOLDERS.map((folder) => gather(folder, directory)));
  const { shared, own } = await findTests(OWN_FOLDER, all ? [] : LONG_FOLDERS);
  const files = [...modules.flat(), ...longestFirst([...shared, ...own])];
  const jobs = Deno.env.get("DENO_JOBS") ??
    `${Math.ceil(FILES_PER_PROCESSOR * navigator.hardwareConcurrency)}`;
  const cluster = needsPostgres.ignore ? undefined : await Cluster.start({}, directory);
  await cluster?.prepareCopies();
  Deno.addSignalListener("SIGINT", () => {}); // The tests end, and then this.
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--quiet", "--no-check", "--parallel", ...options, ...files],
    env: {
      DENO_JOBS: jobs,
      ...(all && { CRASH_ROUNDS }),
      [DIRECTORY_VARIABLE]: directory,
      ...(cluster && { [CLUSTER_VARIABLE]: cluster.directory }),
    },
  }).spawn().status;
  await cluster?.[Symbol.asyncDispose]();
  await Deno.remove(directory, { recursive: true });
  return code;
}

if (import.meta.main) Deno.exit(await main(Deno.args));

import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleScripts, type Script } from "./bundle.ts";
import { encodeFile, sourcesBelow, staticFilesBelow } from "./project_files.ts";
import type { EncodedFile } from "./snapshot.ts";

/** Options of a {@linkcode Builder}. */
export interface BuilderOptions {
  /** The folder with `islands/`, `routes/` and `static/`. Default: the current directory. */
  readonly root?: string;
}

/** Options of one build. */
export interface BuildOptions {
  /** In development, pages load themselves anew when another build answers. Default: production. */
  readonly mode?: "development" | "production";
}

const BOOT_SCRIPT = fileURLToPath(new URL("./boot.ts", import.meta.url));
const LIVE_RELOAD_SCRIPT = fileURLToPath(new URL("./live_reload.ts", import.meta.url));
const OUTPUT_FOLDER = "_fresh";
const SNAPSHOT_FILE = "snapshot.ts";

/**
 * Bundles the islands and writes them, with the table of the routes and everything in the static folder, as one module.
 * Needs to read the project and Deno's cache and to write `_fresh/`; the bundler fetches esbuild from npm once.
 */
export class Builder {
  readonly #root: string;

  constructor({ root = "." }: BuilderOptions = {}) {
    this.#root = resolve(root);
  }

  /** Builds. @throws {Error} when a script does not compile; the message tells where. */
  async build({ mode = "production" }: BuildOptions = {}): Promise<void> {
    const islands = (await this.#sources("islands")).map(({ path }) => path);
    const everyPage = mode === "development" ? [LIVE_RELOAD_SCRIPT] : [];
    const outDir = join(this.#root, OUTPUT_FOLDER);
    const module = snapshotModule(outDir, {
      scripts: await bundleScripts([BOOT_SCRIPT, ...everyPage, ...islands]),
      ...{ islands, everyPage },
      routes: await this.#sources("routes"),
      files: [
        ...await staticFilesBelow(join(this.#root, "static")),
        ...mode === "development" ? [markOfBuild()] : [],
      ],
    });
    await Deno.mkdir(outDir, { recursive: true });
    await Deno.writeTextFile(join(outDir, SNAPSHOT_FILE), module);
  }

  async #sources(folder: string): Promise<readonly Source[]> {
    const directory = join(this.#root, folder);
    const files = await sourcesBelow(directory);
    return files.map((file) => ({ file, path: join(directory, file) }));
  }
}

interface Source {
  /** From its folder. */
  readonly file: string;
  /** Absolute. */
  readonly path: string;
}

/** The parts of a build. */
interface Parts {
  readonly scripts: readonly Script[];
  /** Sources of the islands. */
  readonly islands: readonly string[];
  /** Sources of the scripts for every page. */
  readonly everyPage: readonly string[];
  readonly routes: readonly Source[];
  readonly files: readonly EncodedFile[];
}

/** Tells one build from another; see `live_reload.ts`. */
function markOfBuild(): EncodedFile {
  const mark = new TextEncoder().encode(crypto.randomUUID());
  return encodeFile("/_fresh/build", mark, { contentType: "text/plain", immutable: false });
}

/** The source of the module: it imports the islands and routes, for the server to run, and carries the files. */
function snapshotModule(
  outDir: string,
  { scripts, islands, everyPage, routes, files }: Parts,
): string {
  const addresses = new Map(scripts.map(({ source, path }) => [source, path]));
  const addressOf = (source: string) => JSON.stringify(addresses.get(source));
  const importLine = (name: string, path: string) =>
    `import * as ${name} from ${JSON.stringify(specifierOf(outDir, path))};`;
  return [
    "// Made by the build. Changes will be lost.",
    'import { createSnapshot } from "fresh/internal";',
    ...islands.map((path, index) => importLine(`island${index}`, path)),
    ...routes.map(({ path }, index) => importLine(`route${index}`, path)),
    "export const snapshot = createSnapshot({",
    `bootScript: ${addressOf(BOOT_SCRIPT)},`,
    `everyPage: [${everyPage.map(addressOf)}],`,
    "islands: [",
    ...islands.map((path, index) => `{ script: ${addressOf(path)}, module: island${index} },`),
    "],",
    "routes: [",
    ...routes.map(({ file }, index) => `{ file: ${JSON.stringify(file)}, module: route${index} },`),
    "],",
    "files: [",
    ...[...scripts.map(scriptFile), ...files].map((file) => `${JSON.stringify(file)},`),
    "],",
    "});",
    "",
  ].join("\n");
}

/** A file's address from a module in the output folder. The rest is encoded when it is resolved. */
function specifierOf(outDir: string, path: string): string {
  return relative(outDir, path).replaceAll("\\", "/").replace(/[%?#]/g, encodeURIComponent);
}

function scriptFile({ path, bytes }: Script): EncodedFile {
  const contentType = "text/javascript; charset=utf-8";
  return encodeFile(path, bytes, { contentType, immutable: true });
}

import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleScripts, hashOf, type Script } from "./bundle.ts";
import { contentTypeOf } from "./content_type.ts";
import type { EncodedFile } from "./snapshot.ts";

/** Where to find and to put things; relative paths start at `root`. */
export interface BuildOptions {
  /** Default: the current directory. */
  root?: string;
  /** Default: `_fresh`. */
  outDir?: string;
  /** Default: `static`. */
  staticDir?: string;
  /** Default: `islands`. */
  islandDir?: string;
}

const BOOT_SCRIPT = fileURLToPath(new URL("./boot.ts", import.meta.url));
const SNAPSHOT_LIBRARY = fileURLToPath(new URL("./snapshot.ts", import.meta.url));
const SNAPSHOT_FILE = "snapshot.ts";

/**
 * Bundles the islands and writes them, with everything in the static folder, as one module. Needs to read the project
 * and Deno's cache and to write the output folder; the bundler fetches esbuild from npm once.
 */
export class Builder {
  readonly config: Required<BuildOptions>;

  constructor(options: BuildOptions = {}) {
    const root = resolve(options.root ?? ".");
    this.config = {
      root,
      outDir: resolve(root, options.outDir ?? "_fresh"),
      staticDir: resolve(root, options.staticDir ?? "static"),
      islandDir: resolve(root, options.islandDir ?? "islands"),
    };
  }

  /** Builds. @throws {Error} when a script does not compile; the message tells where. */
  async build(): Promise<void> {
    const { outDir, staticDir, islandDir } = this.config;
    const islands = (await filesBelow(islandDir)).filter(isIsland);
    const scripts = await bundleScripts([BOOT_SCRIPT, ...islands]);
    const files = [...scripts.map(scriptFile), ...await staticFilesOf(staticDir)];
    await Deno.mkdir(outDir, { recursive: true });
    await Deno.writeTextFile(join(outDir, SNAPSHOT_FILE), snapshotModule(outDir, scripts, files));
  }
}

async function filesBelow(directory: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(directory)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory) files.push(...await filesBelow(path));
    else files.push(path);
  }
  return files.sort();
}

function isIsland(path: string): boolean {
  return /\.[jt]sx$/.test(path) && !/_test\.[jt]sx$/.test(path);
}

/** The source of the module: it imports the islands, for the server to render, and carries the files. */
function snapshotModule(outDir: string, scripts: Script[], files: EncodedFile[]): string {
  const importPath = (path: string) => {
    const steps = relative(outDir, path).replaceAll("\\", "/");
    return JSON.stringify(steps.startsWith(".") ? steps : `./${steps}`);
  };
  const boot = scripts.find(({ source }) => source === BOOT_SCRIPT);
  const islands = scripts.filter(({ source }) => source && source !== BOOT_SCRIPT);
  return [
    "// Made by the build. Changes will be lost.",
    `import { createSnapshot } from ${importPath(SNAPSHOT_LIBRARY)};`,
    ...islands.map(({ source }, i) => `import * as island${i} from ${importPath(source!)};`),
    "export const snapshot = createSnapshot(",
    `  ${JSON.stringify(boot?.path)},`,
    `  [${islands.map(({ path }, i) => `{ script: "${path}", module: island${i} }`).join(", ")}],`,
    "  [",
    ...files.map((file) => `    ${JSON.stringify(file)},`),
    "  ],",
    ");",
    "",
  ].join("\n");
}

function scriptFile({ path, bytes }: Script): EncodedFile {
  return encode(path, bytes, true);
}

async function staticFilesOf(directory: string): Promise<EncodedFile[]> {
  const files = await filesBelow(directory);
  return await Promise.all(files.map(async (file) => {
    const path = `/${relative(directory, file).replaceAll("\\", "/")}`;
    return encode(path, await Deno.readFile(file), false);
  }));
}

function encode(path: string, bytes: Uint8Array, immutable: boolean): EncodedFile {
  return {
    ...{ path, immutable, contentType: contentTypeOf(path) },
    hash: hashOf(bytes),
    base64: bytes.toBase64(),
  };
}

import { createHash } from "node:crypto";
import { dirname, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** A script for browsers. */
export interface Script {
  /** Address with a hash of the content in it. */
  readonly path: string;
  /** The source file; absent for a piece that several scripts share. */
  readonly source?: string;
  readonly bytes: Uint8Array;
}

/** Nothing is written there; it only gives the bundler's output paths a root. */
const OUTPUT_ROOT = resolve("/");
const ADDRESS_PREFIX = "/_fresh/js/";
const HASH_LENGTH = 16;
/** Preact's `jsxTemplate()`: "jsx": "precompile" uses it, and browsers cannot render it. */
const SERVER_TEMPLATE = /\{tpl:\w+,exprs:/;

/**
 * Bundles scripts for browsers, minified; code that they share goes into pieces of its own.
 *
 * @param sources Absolute paths.
 * @throws {Error} when one does not compile, or is compiled for the server.
 */
export async function bundleScripts(sources: readonly string[]): Promise<Script[]> {
  const result = await Deno.bundle({
    entrypoints: [...sources],
    outputDir: OUTPUT_ROOT,
    write: false,
    platform: "browser",
    format: "esm",
    minify: true,
    codeSplitting: true,
  });
  if (!result.success) {
    throw new Error(`bundling failed:\n${result.errors.map(describe).join("\n")}`);
  }
  if (result.outputFiles?.some((file) => SERVER_TEMPLATE.test(file.text()))) {
    throw new Error('islands run in browsers: islands/deno.json has to set "jsx": "react-jsx"');
  }
  const sourceOf = new Map(outputPaths(sources).map((output, index) => [output, sources[index]]));
  return (result.outputFiles ?? []).map(({ path, contents = new Uint8Array() }) => {
    const output = relative(OUTPUT_ROOT, path).replaceAll("\\", "/");
    return script(output, contents, sourceOf.get(output));
  });
}

/** The bundler writes a script to the place that its source has below the folder that all sources share. */
function outputPaths(sources: readonly string[]): readonly string[] {
  const folders = sources.map((source) => `${pathToFileURL(dirname(source)).href}/`);
  let shared = folders[0] ?? "";
  while (!folders.every((folder) => folder.startsWith(shared))) {
    shared = shared.replace(/[^/]+\/$/, "");
  }
  return sources.map((source) =>
    pathToFileURL(source).href.slice(shared.length).replace(/\.\w+$/, ".js")
  );
}

/**
 * Shared pieces come named by their content and are imported by that name; the scripts themselves are imported by nobody,
 * so they can be renamed. Both stay in their folders, since they find each other by relative paths.
 */
function script(output: string, bytes: Uint8Array, source: string | undefined): Script {
  if (!source) return { path: ADDRESS_PREFIX + output, bytes };
  const stem = output.replace(/\.js$/, "");
  return { path: `${ADDRESS_PREFIX}${stem}-${hashOf(bytes)}.js`, source, bytes };
}

/** A short mark of a content (64 bits of SHA-256). */
export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, HASH_LENGTH);
}

function describe({ text, location }: Deno.bundle.Message): string {
  return location ? `${location.file}:${location.line}: ${text}` : text;
}

import { createHash } from "node:crypto";
import { extname, relative, resolve } from "node:path";

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

/**
 * Bundles scripts for browsers, minified; what they share goes into pieces of its own.
 *
 * @param sources Absolute paths.
 * @throws {Error} when one does not compile.
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
  return (result.outputFiles ?? []).map(({ path, contents }) =>
    script(relative(OUTPUT_ROOT, path).replaceAll("\\", "/"), contents ?? new Uint8Array(), sources)
  );
}

/**
 * Shared pieces come named by their content and are imported by that name; the scripts themselves are imported by nobody,
 * so they can be renamed. Both stay in their folders, since they find each other by relative paths.
 */
function script(output: string, bytes: Uint8Array, sources: readonly string[]): Script {
  const stem = output.slice(0, -extname(output).length);
  const source = sources.find((path) => withoutExtension(path).endsWith(`/${stem}`));
  if (!source) return { path: ADDRESS_PREFIX + output, bytes };
  return { path: `${ADDRESS_PREFIX}${stem}-${hashOf(bytes)}.js`, source, bytes };
}

/** A short mark of a content (64 bits of SHA-256). */
export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, HASH_LENGTH);
}

function withoutExtension(path: string): string {
  return path.slice(0, -extname(path).length).replaceAll("\\", "/");
}

function describe({ text, location }: Deno.bundle.Message): string {
  return location ? `${location.file}:${location.line}: ${text}` : text;
}

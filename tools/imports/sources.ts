/**
 * Reads the source files of the repository and the imports in them.
 *
 * @module
 */
import { dirname, normalize } from "node:path/posix";

/** A source file; its path is relative to the root of the repository. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** An import or a re-export of a module. */
export interface Import {
  /** Counted from 1. */
  readonly line: number;
  readonly specifier: string;
  /** The file of the repository, relative to its root; undefined for a package. */
  readonly target?: string;
}

const SOURCE_NAME = /\.tsx?$/;
const SKIPPED_FOLDERS = /^(\.git|_fresh|node_modules|data|dist)$/;
const TEST_CODE = /^(tools|test|bench)\/|(^|\/)testing(\/|\.tsx?$)|_test\.tsx?$/;

/** The imports and exports of a module, and where their specifiers stand: static, of types, and dynamic. */
const IMPORTS = new RegExp(
  [
    String.raw`^[ \t]*(?:import|export)\b[\w$\s{},*]*?\bfrom\s*"([^"\n]+)"`,
    String.raw`^[ \t]*import\s*"([^"\n]+)"`,
    // The end of a list that has comments in it.
    String.raw`^\} from "([^"\n]+)"`,
    String.raw`\bimport\(\s*"([^"\n]+)"`,
  ].join("|"),
  "gm",
);

/** Returns whether a file never runs in production. */
export function isTestCode(path: string): boolean {
  return TEST_CODE.test(path);
}

/** Returns all imports of a file, in order. */
export function importsOf({ path, text }: SourceFile): Import[] {
  return [...text.matchAll(IMPORTS)].map((match) => {
    const specifier = match.slice(1).find((group) => group !== undefined)!;
    const line = text.slice(0, match.index + match[0].length).split("\n").length;
    const target = specifier.startsWith(".")
      ? normalize(`${dirname(path)}/${specifier}`)
      : undefined;
    return { line, specifier, target };
  });
}

/** Reads all source files of the repository, or those with other names, sorted by path. */
export async function readSources(name = SOURCE_NAME, folder = ""): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const entry of Deno.readDir(`./${folder}`)) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory && !SKIPPED_FOLDERS.test(entry.name)) {
      files.push(...await readSources(name, `${path}/`));
    } else if (entry.isFile && name.test(entry.name)) {
      files.push({ path, text: await Deno.readTextFile(path) });
    }
  }
  return files.sort((a, b) => a.path.localeCompare(b.path));
}

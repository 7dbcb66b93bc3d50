/**
 * The documents, as their readers see them.
 *
 * @module
 */
import { join, normalize } from "node:path/posix";

const SKIPPED = /^(\.git|_fresh|data|dist|node_modules)$/;

/** All documents, by their path. */
export const documents: ReadonlyMap<string, string> = new Map(
  await Promise.all((await markdownFiles(".")).map(async (path) => {
    return [path, await Deno.readTextFile(path)] as const;
  })),
);

async function markdownFiles(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = normalize(join(folder, name));
    if (isDirectory && !SKIPPED.test(name)) paths.push(...await markdownFiles(path));
    else if (name.endsWith(".md")) paths.push(path);
  }
  return paths.toSorted();
}

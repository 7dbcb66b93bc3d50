/**
 * The documents, as their readers see them.
 *
 * @module
 */
import { join, normalize } from "node:path/posix";

const SKIPPED = /^(\.git|_fresh|data|dist|node_modules)$/;

/** All documents, by their path. */
export const documents: ReadonlyMap<string, string> = new Map(
  await Promise.all(
    (await repositoryFiles()).filter((path) => path.endsWith(".md")).map(async (path) => {
      return [path, await Deno.readTextFile(path)] as const;
    }),
  ),
);

/** Returns the paths of all files in a folder of the repository, apart from what is built, in order. */
export async function repositoryFiles(folder = "."): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = normalize(join(folder, name));
    if (!isDirectory) paths.push(path);
    else if (!SKIPPED.test(name)) paths.push(...await repositoryFiles(path));
  }
  return paths.toSorted();
}

/**
 * A copy of the repository as somebody has it who has just cloned it, and the commands that the documents tell them to run.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { run } from "../programs.ts";

/** Copies what a clone would have into a directory. Needs git. */
export async function cloneInto(directory: string): Promise<void> {
  const listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { output } = await run("git", listing);
  for (const path of output.split("\0").filter(Boolean)) {
    const copy = join(directory, path);
    await Deno.mkdir(dirname(copy), { recursive: true });
    await Deno.copyFile(path, copy).catch((error) => {
      // Deleted, and not committed yet.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}

/** Returns the text of each block of code in a document, in one language, without its indentation. */
export async function blocksOf(path: string, language = "sh"): Promise<readonly string[]> {
  const text = await Deno.readTextFile(path);
  const blocks = text.matchAll(new RegExp(`^( *)\`\`\`${language}\n(.*?)^ *\`\`\``, "gms"));
  return Array.from(
    blocks,
    ([, indentation = "", block = ""]) => block.replace(new RegExp(`^${indentation}`, "gm"), ""),
  );
}

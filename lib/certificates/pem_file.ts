/**
 * Files with keys: only their owner may read them, and they are replaced as a whole.
 *
 * @module
 */
import { dirname } from "node:path";

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/** Writes a file that only its owner may read. Until it is complete, readers get the former content. */
export async function writePrivately(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY_FOLDER });
  const draft = `${path}.new`;
  await removeIfPresent(draft);
  await Deno.writeTextFile(draft, text, { createNew: true, mode: OWNER_ONLY_FILE });
  await Deno.rename(draft, path);
}

/** Reads a file; `undefined` if there is none. */
export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function removeIfPresent(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

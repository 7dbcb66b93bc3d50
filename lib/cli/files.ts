/**
 * Files that calls and settings name.
 *
 * @module
 */
import { errorText } from "../base/mod.ts";
import { CommandError } from "./command.ts";
import { EXIT } from "./exit_codes.ts";

/** Returns the kind of a path; `undefined` if nothing is there. */
export async function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Whether there is a file at a path. */
export async function isFile(path: string): Promise<boolean> {
  return (await statOf(path))?.isFile ?? false;
}

/** Reads a file that a call names. @throws {CommandError} if it cannot be read. */
export async function readNamedFile(path: string): Promise<Uint8Array> {
  return await Deno.readFile(path).catch((cause) => {
    const message = `${path} cannot be read: ${errorText(cause)}`;
    throw new CommandError(message, EXIT.noInput, { cause });
  });
}

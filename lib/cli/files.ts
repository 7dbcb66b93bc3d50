/**
 * Files that are named on the command line and in settings.
 *
 * @module
 */
import { errorText } from "../base/mod.ts";
import { CommandError } from "./command.ts";
import { EXIT } from "./exit_codes.ts";

/** Returns information about a path; `undefined` if it does not exist. */
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

/** Reads a file that is named on the command line. @throws {CommandError} if it cannot be read. */
export async function readNamedFile(path: string): Promise<Uint8Array> {
  return await Deno.readFile(path).catch((cause) => {
    const message = `${path} cannot be read: ${errorText(cause)}`;
    throw new CommandError(message, EXIT.noInput, { cause });
  });
}

/**
 * How commands use the database.
 *
 * @module
 */
import { PROGRAM } from "../base/mod.ts";
import { closeServices, openServices, type Services } from "../program/mod.ts";
import { type Call, type Command, CommandError } from "./command.ts";
import { EXIT } from "./exit_codes.ts";

/** The work of a command that uses the database. */
export type Work = (call: Call, services: Services) => Promise<number>;

/** Returns a command's `run` that opens everything, does the work and closes everything. The database may be new. */
export function withServices(work: Work): Command["run"] {
  return async (call) => {
    const services = await openServices(call.config());
    try {
      return await work(call, services);
    } finally {
      await closeServices(services);
    }
  };
}

/** As {@linkcode withServices}, for commands that make no sense without a database: `run` throws if there is none. */
export function withDatabase(work: Work): Command["run"] {
  const run = withServices(work);
  return async (call) => {
    const { sqlitePath, database } = call.config();
    if (database || await isFile(sqlitePath)) return await run(call);
    throw new CommandError(
      `There is no database ${sqlitePath} yet (SQLITE_PATH). ` +
        `Start the server once, or add an account with: ${PROGRAM} account add`,
      EXIT.noInput,
    );
  };
}

/** Whether there is a file at a path. */
export async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * How commands use the database.
 *
 * @module
 */
import { PROGRAM } from "../base/mod.ts";
import type { Config } from "../config/mod.ts";
import { type Services, useServices } from "../program/mod.ts";
import { type Call, type Command, CommandError } from "./command.ts";
import { EXIT } from "./exit_codes.ts";
import { isFile } from "./files.ts";

/** The work of a command that uses the database. */
type Work = (call: Call, services: Services) => Promise<number>;

/** Returns a command's `run` that opens everything, does the work and closes everything. The database may be new. */
export function withServices(work: Work): Command["run"] {
  return (call) => useServices(call.config(), (services) => work(call, services));
}

/** The same as {@linkcode withServices} for commands that need an existing database: `run` throws if there is none. */
export function withDatabase(work: Work): Command["run"] {
  const run = withServices(work);
  return async (call) => {
    const config = call.config();
    if (await hasDatabase(config)) return await run(call);
    throw new CommandError(
      `There is no database ${config.sqlitePath} yet (SQLITE_PATH). ` +
        `Start the server once, or add an account with: ${PROGRAM} account add`,
      EXIT.noInput,
    );
  };
}

/** Whether there is a database: that of a server, or a file. */
export async function hasDatabase(
  { database, sqlitePath }: Pick<Config, "database" | "sqlitePath">,
): Promise<boolean> {
  return database !== undefined || await isFile(sqlitePath);
}

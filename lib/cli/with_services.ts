/**
 * How commands get at the database.
 *
 * @module
 */
import type { Config } from "../config/mod.ts";
import { closeServices, openServices, type Services } from "../program/mod.ts";
import { PROGRAM } from "../base/mod.ts";
import { CommandError } from "./command.ts";
import { EXIT } from "./exit_codes.ts";

/** Opens everything, does the work, and closes everything. The database may be new. */
export async function withServices<Result>(
  config: Config,
  work: (services: Services) => Promise<Result>,
): Promise<Result> {
  const services = await openServices(config);
  try {
    return await work(services);
  } finally {
    await closeServices(services);
  }
}

/**
 * As {@linkcode withServices}, for commands that make no sense without a database.
 *
 * @throws {CommandError} when there is none.
 */
export function withDatabase<Result>(
  config: Config,
  work: (services: Services) => Promise<Result>,
): Promise<Result> {
  if (!exists(config.sqlitePath)) {
    throw new CommandError(
      `There is no database ${config.sqlitePath} yet (SQLITE_PATH). ` +
        `Start the server once, or add an account with: ${PROGRAM} account add`,
      EXIT.noInput,
    );
  }
  return withServices(config, work);
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

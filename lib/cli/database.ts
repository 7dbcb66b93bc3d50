/**
 * `backup` and `database copy`.
 *
 * @module
 */
import type { Services } from "../program/mod.ts";
import { copyToPostgres, copyToSqlite } from "../store/mod.ts";
import { type Call, type Command, CommandError } from "./command.ts";
import { EXIT } from "./exit_codes.ts";
import { withDatabase } from "./services.ts";

/** `backup`: copies the database. */
export const backupCommand: Command = {
  name: "backup",
  summary: "copy the database to a new file while the server runs",
  parameters: ["FILE"],
  details:
    "FILE must not exist yet. Tokens in the copy are encrypted with SESSION_SECRET: keep both, but in different\n" +
    "places. To restore, stop the server and replace SQLITE_PATH with the copy. A database in PostgreSQL is copied to a\n" +
    "SQLite file, too, which `database copy` restores; for large ones, use pg_dump.",
  access: { parameters: "write" },
  run: withDatabase(backup),
};

async function backup({ parameters: [file = ""], output }: Call, { store }: Services) {
  await store.backup(file);
  const { size: octets } = await Deno.stat(file);
  output.show({ file, octets }, () => output.line(`Written: ${file} (${octets} bytes)`));
  return EXIT.ok;
}

/** Stands for the PostgreSQL database: other users of the machine could read its password in the arguments. */
const SERVER = "DATABASE_URL";

/** `database copy`: copies a SQLite file to PostgreSQL, or back. */
export const databaseCopyCommand: Command = {
  name: "database copy",
  summary: "copy everything from a SQLite file to PostgreSQL, or back",
  parameters: ["FROM", "TO"],
  details:
    `One is a file, the other is the word ${SERVER}: the database of that setting. Stop all servers first: the command\n` +
    "refuses while another process uses either database. The target has to be new or empty. All rows are counted and\n" +
    "compared before anything is committed.",
  access: { parameters: "write-database" },
  run: copy,
};

async function copy({ parameters: [from = "", to = ""], config, output }: Call): Promise<number> {
  const { database } = config();
  if ((from === SERVER) === (to === SERVER)) {
    throw new CommandError(`One of the two has to be the word ${SERVER}.`, EXIT.usage);
  }
  if (!database) throw new CommandError(`${SERVER} is not set.`, EXIT.config);
  const rows = from === SERVER
    ? await copyToSqlite(database, to, "read-alone")
    : await copyToPostgres(from, database);
  output.show({ from, to, rows }, () => {
    output.line("Copied and compared:");
    output.facts(Object.entries(rows).map(([table, count]) => [`  ${table}`, `${count} rows`]));
  });
  return EXIT.ok;
}

import { copyToPostgres, copyToSqlite } from "../store/mod.ts";
import { type Call, type Command, CommandError } from "./command.ts";
import { EXIT } from "./exit_codes.ts";

/** Stands for the database in PostgreSQL, whose address would show its password to other users of the machine. */
const SERVER = "DATABASE_URL";

/** `database copy`: moves from a file to PostgreSQL, or back. */
export const databaseCopyCommand: Command = {
  name: "database copy",
  summary: "copy everything from a SQLite file to PostgreSQL, or back",
  parameters: ["FROM", "TO"],
  details:
    `One is a file, the other is the word ${SERVER}: the database of that setting. Stop all servers first: the command\n` +
    "refuses while another process uses either database. The goal has to be new or empty. All rows are counted and\n" +
    "compared before anything is kept.",
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

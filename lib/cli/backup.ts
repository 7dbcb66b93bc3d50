import type { Services } from "../program/mod.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_codes.ts";
import { withDatabase } from "./services.ts";

/** `backup`: copies the database. */
export const backupCommand: Command = {
  name: "backup",
  summary: "copy the database to a new file while the server runs",
  parameters: ["FILE"],
  details:
    "FILE must not exist yet. Tokens in the copy are encrypted with SESSION_SECRET: keep both, but apart from each\n" +
    "other. To restore, stop the server and replace SQLITE_PATH with the copy. A database in PostgreSQL is copied to a\n" +
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

import type { Services } from "../program/mod.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_codes.ts";
import { withDatabase } from "./with_services.ts";

export const backupCommand: Command = {
  name: "backup",
  summary: "copy the database to a new file, while the server runs",
  parameters: ["FILE"],
  details:
    "FILE must not exist yet. The copy holds sealed tokens, which only SESSION_SECRET opens: keep both, apart from each\n" +
    "other. To restore, stop the server and put the copy in the place of SQLITE_PATH.",
  run: (call) => withDatabase(call.config(), (services) => backup(call, services)),
};

async function backup({ parameters: [file = ""], output }: Call, { store }: Services) {
  await store.backup(file);
  const { size: octets } = await Deno.stat(file);
  output.show({ file, octets }, () => output.line(`Written: ${file} (${octets} octets)`));
  return EXIT.ok;
}

import { dirname } from "node:path";
import { COMMAND_LINE } from "../../admin/mod.ts";
import { systemClock } from "../../base/mod.ts";
import { importOldProxy, type ImportReport } from "../../import/mod.ts";
import type { Services } from "../../program/mod.ts";
import type { Call, Command } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import type { Output } from "../output.ts";
import { withServices } from "../services.ts";

/** `account import`: imports the accounts of the older proxy. */
export const accountImportCommand: Command = {
  name: "account import",
  summary: "import the accounts of the older proxy",
  parameters: ["OLD_DATABASE"],
  options: {
    apply: { meaning: "import; without this option the command only shows what it would do" },
  },
  details:
    "Nobody has to sign in again or to change a mail client. OLD_DATABASE is the older proxy's SQLite file, in any folder; it\n" +
    "is not changed. The command can be repeated: an account that exists already only gets its old SMTP password as another\n" +
    "app password. Stop the older proxy first, so that it does not renew tokens in the meantime.",
  access: { parameters: "read-database" },
  run: withServices(importAccounts),
};

async function importAccounts(call: Call, services: Services): Promise<number> {
  const { config, store, vault, accounts } = services;
  const applied = call.flag("apply");
  const [path = ""] = call.parameters;
  const reports = await importOldProxy({
    path,
    workDirectory: dirname(config.sqlitePath),
    store,
    vault,
    accounts,
    clock: systemClock,
    clientIds: config.registrations.map(({ clientId }) => clientId),
    dryRun: !applied,
  });
  if (applied) await recordAll(reports, services);
  call.output.show({ applied, accounts: reports }, () => print(reports, applied, call.output));
  return reports.some(({ outcome }) => outcome === "failed") ? EXIT.failed : EXIT.ok;
}

const ACTIONS = { imported: "imported an account", password: "imported an app password" } as const;

async function recordAll(
  reports: readonly ImportReport[],
  { audit }: Pick<Services, "audit">,
): Promise<void> {
  for (const { email, outcome } of reports) {
    if (outcome !== "imported" && outcome !== "password") continue;
    await audit.record(COMMAND_LINE, ACTIONS[outcome], email);
  }
}

const TONES = { imported: "good", password: "good", known: "faint", failed: "bad" } as const;

const WORDS = {
  imported: "imported",
  password: "password added",
  known: "known",
  failed: "failed",
};
const DRY_WORDS = { ...WORDS, imported: "to import", password: "password to add" };

function print(reports: readonly ImportReport[], applied: boolean, output: Output): void {
  if (reports.length === 0) return output.line("The old database has no accounts.");
  const words = applied ? WORDS : DRY_WORDS;
  output.table(
    ["ADDRESS", "OUTCOME", "NOTES"],
    reports.map(({ email, outcome, notes }) => [
      email,
      output.paint(TONES[outcome], words[outcome]),
      notes.join(" "),
    ]),
  );
  if (!applied) output.line("\nNothing was changed. To import, repeat the command with --apply");
}

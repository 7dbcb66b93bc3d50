import type { Services } from "../../program/mod.ts";
import { formatTime, jsonTime } from "../account/describe.ts";
import { type Call, type Command, CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { withDatabase } from "../services.ts";

const DEFAULT_COUNT = "50";

/** `audit`. */
export const auditCommand: Command = {
  name: "audit",
  summary: "show who did what to accounts, mailboxes and app passwords",
  options: {
    search: { value: "TEXT", meaning: "only entries in which this text occurs" },
    action: { value: "TEXT", meaning: "only this action, in the words of the list" },
    count: {
      value: "NUMBER",
      meaning: `at most so many, newest first (default: ${DEFAULT_COUNT})`,
    },
  },
  details: "Entries are kept as long as the activity (ACTIVITY_RETENTION_DAYS).",
  run: withDatabase(show),
};

async function show(call: Call, { store }: Services): Promise<number> {
  const limit = Number(call.text("count") ?? DEFAULT_COUNT);
  if (!Number.isInteger(limit) || limit < 1) {
    throw new CommandError("--count needs a whole number above 0", EXIT.usage);
  }
  const entries = await store.audit.list({
    search: call.text("search"),
    action: call.text("action"),
    limit,
  });
  const json = entries.map(({ atMs, actor, action, subject }) => ({
    ...{ at: jsonTime(atMs), actor, action, subject },
  }));
  call.output.show(json, () => {
    if (entries.length === 0) return call.output.line("No entries.");
    call.output.table(
      ["TIME", "WHO", "WHAT", "TO WHAT"],
      entries.map(({ atMs, actor, action, subject }) => [
        formatTime(atMs),
        actor,
        action,
        subject,
      ]),
    );
  });
  return EXIT.ok;
}

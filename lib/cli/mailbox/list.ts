import type { Services } from "../../program/mod.ts";
import { accountJson, formatTime, lastUseOf, paintState } from "../account/describe.ts";
import { allAccounts } from "../account/list.ts";
import { removeAccount, showAccount } from "../account/show.ts";
import type { Call, Command } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { withDatabase } from "../services.ts";
import { MAILBOX, MAILBOX_MEANING } from "./words.ts";

/** `mailbox list`. */
export const mailboxListCommand: Command = {
  name: "mailbox list",
  summary: "list the mailboxes that nobody signs in to",
  options: {
    search: { value: "TEXT", meaning: "only mailboxes with TEXT in address, name or short name" },
  },
  run: withDatabase(list),
};

/** `mailbox show`. */
export const mailboxShowCommand: Command = {
  name: "mailbox show",
  summary: "show a mailbox with its app passwords and its last deliveries",
  parameters: [MAILBOX],
  details: MAILBOX_MEANING,
  run: withDatabase((call, services) => showAccount(call, services, true)),
};

/** `mailbox delete`. */
export const mailboxDeleteCommand: Command = {
  name: "mailbox delete",
  summary: "delete a mailbox here, with its app passwords and records; at Microsoft it stays",
  parameters: [MAILBOX],
  options: { yes: { meaning: "do not ask for confirmation" } },
  details: `${MAILBOX_MEANING}\nA running server ends the mailbox's sessions within a second.`,
  run: withDatabase((call, services) => removeAccount(call, services, true)),
};

async function list(call: Call, { store }: Services): Promise<number> {
  const conditions = { search: call.text("search"), appOnly: true };
  const mailboxes = await Array.fromAsync(allAccounts(store, conditions));
  const entries = await Promise.all(
    mailboxes.map(async (mailbox) => [mailbox, await store.appPasswords.list(mailbox.id)] as const),
  );
  const { output } = call;
  output.show(entries.map(([mailbox, appPasswords]) => accountJson(mailbox, appPasswords)), () => {
    if (entries.length === 0) return output.line("No mailboxes.");
    output.table(
      ["ADDRESS", "NAME", "STATE", "APP PASSWORDS", "LAST USED", "REGISTRATION"],
      entries.map(([mailbox, appPasswords]) => [
        mailbox.email,
        mailbox.displayName,
        paintState(mailbox, output),
        `${appPasswords.length}`,
        formatTime(lastUseOf(appPasswords)),
        mailbox.clientId,
      ]),
    );
  });
  return EXIT.ok;
}

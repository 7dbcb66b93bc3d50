import { MAILBOX, MAILBOX_MEANING } from "../account/find.ts";
import { listAccounts } from "../account/list.ts";
import { removeAccount, showAccount } from "../account/show.ts";
import type { Command } from "../command.ts";
import { withDatabase } from "../services.ts";

/** `mailbox list`. */
export const mailboxListCommand: Command = {
  name: "mailbox list",
  summary: "list the mailboxes that nobody signs in to",
  options: {
    search: { value: "TEXT", meaning: "only mailboxes with TEXT in address, name or short name" },
  },
  run: withDatabase((call, services) =>
    listAccounts(call, services, {
      conditions: { appOnly: true },
      columns: ["ADDRESS", "NAME", "STATE", "APP PASSWORDS", "LAST USED", "REGISTRATION"],
      none: "No mailboxes.",
    })
  ),
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

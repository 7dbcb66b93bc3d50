import { COMMAND_LINE, subjectOf } from "../../admin/mod.ts";
import {
  decodeList,
  type EnteredMailbox,
  InputError,
  parseMailboxList,
} from "../../accounts/mod.ts";
import { PROGRAM } from "../../base/mod.ts";
import type { Services } from "../../program/mod.ts";
import type { AccountRecord } from "../../store/mod.ts";
import type { Call, Command } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { readNamedFile } from "../files.ts";
import { withServices } from "../services.ts";

/** `mailbox add`. */
export const mailboxAddCommand: Command = {
  name: "mailbox add",
  summary: "add mailboxes that nobody signs in to; the app registration sends for them",
  parameters: ["[ADDRESS...]"],
  options: {
    file: {
      value: "FILE",
      meaning: "add the mailboxes of this list too (CSV: address, name)",
      path: "file",
    },
    name: { value: "TEXT", meaning: "the name of the mailbox, if it is only one" },
    "short-name": {
      value: "NAME",
      meaning: "a user name without @ for devices, if it is only one mailbox",
    },
    registration: {
      value: "ID",
      meaning: "the app registration (application ID) that sends for them, if there are several",
    },
    "app-password": {
      value: "NAME",
      meaning: "create an app password of that name for each, and show it once",
    },
  },
  details:
    "The app registration belongs to the organisation and has a certificate, a secret or a token file; it is written as\n" +
    "application-id@tenant-id, or MICROSOFT_TENANT is the organisation's. A mailbox that is here already keeps its app\n" +
    "passwords. docs/organisation.md explains what an administrator has to set at Microsoft.",
  run: withServices(add),
};

/** A mailbox that was added, and its app password if one was made. */
interface Added {
  readonly account: AccountRecord;
  readonly created: boolean;
  readonly appPassword?: string;
}

async function add(call: Call, services: Services): Promise<number> {
  const entered = await enteredMailboxes(call);
  const results: Added[] = [];
  for (const mailbox of entered) results.push(await addOne(mailbox, call, services));
  const { output } = call;
  const json = results.map(({ account, created, appPassword = null }) => {
    const { id, email, displayName, tenantId, clientId } = account;
    return { id, email, displayName, tenantId, clientId, created, appPassword };
  });
  output.show(json, () => {
    for (const { account, created, appPassword } of results) {
      const password = appPassword === undefined ? "" : `  app password: ${appPassword}`;
      output.line(`${created ? "Added" : "Updated"}: ${account.email}${password}`);
    }
    output.line(`Next: ${PROGRAM} mailbox check`);
  });
  return EXIT.ok;
}

async function addOne(
  entered: EnteredMailbox,
  call: Call,
  { mailboxes, accounts, audit }: Services,
): Promise<Added> {
  const clientId = call.text("registration");
  const { account, created } = await mailboxes.add({ ...entered, clientId });
  const shortName = call.text("short-name");
  await audit.record(
    COMMAND_LINE,
    created ? "added a mailbox" : "updated a mailbox",
    account.email,
  );
  if (shortName !== undefined) {
    await accounts.setShortName(account.id, shortName);
    await audit.record(COMMAND_LINE, "set a short user name", account.email);
  }
  const name = call.text("app-password");
  if (name === undefined) return { account, created };
  const { password } = await accounts.createAppPassword(account.id, { name });
  await audit.record(COMMAND_LINE, "created an app password", subjectOf(account, { name }));
  return { account, created, appPassword: password };
}

async function enteredMailboxes(call: Call): Promise<readonly EnteredMailbox[]> {
  const displayName = call.text("name");
  const file = call.text("file");
  const listed = file === undefined ? [] : parseMailboxList(decodeList(await readNamedFile(file)));
  const all = [...call.parameters.map((address) => ({ address, displayName })), ...listed];
  if (all.length === 0) {
    throw new InputError("mailbox", "Give an address, or a list with --file.");
  }
  const single = ["name", "short-name"].find((option) => call.text(option) !== undefined);
  if (single !== undefined && all.length > 1) {
    throw new InputError("mailbox", `--${single} is for a single mailbox.`);
  }
  return all;
}

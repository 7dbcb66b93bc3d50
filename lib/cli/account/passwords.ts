/**
 * `account password …`: the app passwords of an account.
 *
 * @module
 */
import { COMMAND_LINE, subjectOf } from "../../admin/mod.ts";
import { InputError } from "../../accounts/mod.ts";
import { PROGRAM } from "../../base/mod.ts";
import type { Services } from "../../program/mod.ts";
import { type Call, type Command, CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { withDatabase } from "../services.ts";
import { appPasswordJson, printAppPasswords } from "./describe.ts";
import { ACCOUNT, ACCOUNT_MEANING, findAccount } from "./find.ts";

/** Options that restrict a new app password. */
export const RESTRICTION_OPTIONS: Command["options"] = {
  "recipients": {
    value: "LIST",
    meaning: "the only recipients it may write to: addresses and domains, separated by commas",
  },
  "daily-limit": {
    value: "NUMBER",
    meaning: "the most messages within 24 hours; each recipient of a message counts",
  },
  "from-address": {
    value: "LIST",
    meaning:
      "client addresses that send with it without a login, as far as SMTP_LOGIN_BY_ADDRESS permits",
  },
};

/** Returns the restrictions that a call asks for. */
export function restrictionsIn(call: Pick<Call, "text">) {
  return {
    allowedRecipients: call.text("recipients"),
    dailyLimit: call.text("daily-limit"),
    clientAddresses: call.text("from-address"),
  };
}

/** `account password list`, `create` and `revoke`. */
export const accountPasswordCommands: readonly Command[] = [
  {
    name: "account password list",
    summary: "list the app passwords of an account",
    parameters: [ACCOUNT],
    details: ACCOUNT_MEANING,
    run: withDatabase(list),
  },
  {
    name: "account password create",
    summary: "create an app password and show it once",
    parameters: [ACCOUNT, "NAME"],
    options: {
      sender: {
        value: "PATTERN",
        meaning: "the only sender it may use, or a pattern such as *@example.com",
      },
      "always-mailbox": {
        meaning: "rewrite the sender and the From header to the mailbox's address",
      },
      ...RESTRICTION_OPTIONS,
    },
    details:
      `${ACCOUNT_MEANING}\nNAME describes the device or program that uses it, such as "printer".`,
    run: withDatabase(create),
  },
  {
    name: "account password revoke",
    summary: "revoke an app password",
    parameters: [ACCOUNT, "PASSWORD"],
    details:
      `${ACCOUNT_MEANING}\nPASSWORD is the app password's ID or name, as the list shows it. ` +
      "A running server ends sessions that use it within a second.",
    run: withDatabase(revoke),
  },
];

async function list({ parameters: [wanted = ""], output }: Call, { store }: Services) {
  const { id } = await findAccount(store, wanted);
  const appPasswords = await store.appPasswords.list(id);
  output.show(
    appPasswords.map(appPasswordJson),
    () => printAppPasswords(appPasswords, output),
  );
  return EXIT.ok;
}

async function create(call: Call, { store, accounts, audit }: Services): Promise<number> {
  const { parameters: [wanted = "", name = ""], output } = call;
  const account = await findAccount(store, wanted);
  const allowedSender = call.text("sender");
  const always = call.flag("always-mailbox");
  if (always && allowedSender !== undefined) {
    throw new CommandError("Use either --sender or --always-mailbox", EXIT.usage);
  }
  const choice = {
    ...{ name, allowedSender, senderRule: always ? "always" : undefined },
    ...restrictionsIn(call),
  };
  const made = await accounts.createAppPassword(account.id, choice).catch((error) => {
    if (!(error instanceof InputError)) throw error;
    throw new CommandError(error.message, EXIT.usage);
  });
  const { appPassword, password } = made;
  await audit.record(COMMAND_LINE, "created an app password", subjectOf(account, appPassword));
  output.show({ ...appPasswordJson(appPassword), username: account.email, password }, () => {
    output.facts([["User name", account.email], ["App password", password]]);
    output.line("It is not shown again.");
  });
  return EXIT.ok;
}

async function revoke({ parameters: [wanted = "", named = ""], output }: Call, services: Services) {
  const { store, accounts, audit } = services;
  const account = await findAccount(store, wanted);
  const { id, name } = await findAppPassword(services, account.id, named);
  await accounts.revokeAppPassword(account.id, id);
  await audit.record(COMMAND_LINE, "revoked an app password", subjectOf(account, { name }));
  output.show(
    { id, name, revoked: true },
    () => output.line(`Revoked: ${name} of ${account.email}`),
  );
  return EXIT.ok;
}

async function findAppPassword({ store }: Services, accountId: string, wanted: string) {
  const appPasswords = await store.appPasswords.list(accountId);
  const found = appPasswords.filter(({ id, name }) => id === wanted || name === wanted);
  const [only] = found;
  if (only && found.length === 1) return only;
  const problem = only ? "Several app passwords match" : "No app password matches";
  throw new CommandError(
    `${problem} "${wanted}". Use the ID that this command shows: ${PROGRAM} account password list`,
    EXIT.noAccount,
  );
}

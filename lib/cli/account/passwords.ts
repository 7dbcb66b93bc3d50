/**
 * `account password …`: the app passwords of an account.
 *
 * @module
 */
import { COMMAND_LINE, subjectOf } from "../../admin/mod.ts";
import type { RuleChoice, SenderChoice } from "../../accounts/mod.ts";
import { PROGRAM } from "../../base/mod.ts";
import type { Services } from "../../program/mod.ts";
import { type Call, type Command, CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { withDatabase } from "../services.ts";
import { appPasswordJson, printAppPasswords } from "./describe.ts";
import { ACCOUNT, ACCOUNT_MEANING, findAccount } from "./find.ts";

/** Options that restrict a new app password. */
const RESTRICTION_OPTIONS: Command["options"] = {
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

/** Options that choose the sender of an app password. */
const SENDER_OPTIONS: Command["options"] = {
  sender: {
    value: "PATTERN",
    meaning: "the only sender it may use, or a pattern such as *@example.com",
  },
  "always-mailbox": {
    meaning: "rewrite the sender and the From header to the mailbox's address",
  },
};

/** Returns the restrictions that a call asks for. */
function restrictionsIn(call: Pick<Call, "text">) {
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
    options: { ...SENDER_OPTIONS, ...RESTRICTION_OPTIONS },
    details:
      `${ACCOUNT_MEANING}\nNAME describes the device or program that uses it, such as "printer".`,
    run: withDatabase(create),
  },
  {
    name: "account password change",
    summary: "change the name or the rules of an app password; the password itself stays",
    parameters: [ACCOUNT, "PASSWORD"],
    options: {
      name: { value: "NAME", meaning: "another name for it" },
      ...SENDER_OPTIONS,
      ...RESTRICTION_OPTIONS,
    },
    details:
      `${ACCOUNT_MEANING}\nPASSWORD is the app password's ID or name. What no option names stays as it is; ` +
      `the value "any" takes a\nrestriction away (for --from-address: "none"). A running server goes by the new rules from the ` +
      "next message on.",
    run: withDatabase(change),
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
  const choice = { name, ...senderIn(call), ...restrictionsIn(call) };
  const { appPassword, password } = await accounts.createAppPassword(account.id, choice);
  await audit.record(COMMAND_LINE, "created an app password", subjectOf(account, appPassword));
  output.show({ ...appPasswordJson(appPassword), username: account.email, password }, () => {
    output.facts([["User name", account.email], ["App password", password]]);
    output.line("It is not shown again.");
  });
  return EXIT.ok;
}

/** Returns the choice of a sender that a call makes. @throws {CommandError} */
function senderIn(call: Call): SenderChoice {
  const allowedSender = call.text("sender");
  if (!call.flag("always-mailbox")) return { allowedSender };
  if (allowedSender === undefined) return { senderRule: "always" };
  throw new CommandError("Use either --sender or --always-mailbox", EXIT.usage);
}

async function change(call: Call, services: Services): Promise<number> {
  const { parameters: [wanted = "", named = ""], output } = call;
  const { store, accounts, audit } = services;
  const account = await findAccount(store, wanted);
  const { id, name } = await findAppPassword(services, account.id, named);
  const rules = rulesIn(call);
  const newName = call.text("name");
  if (newName === undefined && !isGiven(rules)) {
    throw new CommandError("Give an option that says what to change", EXIT.usage);
  }
  if (isGiven(rules)) {
    await accounts.changeAppPassword(account.id, id, rules);
    const subject = subjectOf(account, { name });
    await audit.record(COMMAND_LINE, "changed the rules of an app password", subject);
  }
  if (newName !== undefined) {
    await accounts.renameAppPassword(account.id, id, newName);
    await audit.record(COMMAND_LINE, "renamed an app password", subjectOf(account, { name }));
  }
  const changed = (await store.appPasswords.get(id))!;
  output.show(appPasswordJson(changed), () => printAppPasswords([changed], output));
  return EXIT.ok;
}

/** The words that remove a restriction. */
const NOTHING = /^(any|none)$/i;

function rulesIn(call: Call): RuleChoice {
  const sender = senderIn(call);
  const isAny = NOTHING.test(sender.allowedSender ?? "");
  const entries = Object.entries(restrictionsIn(call)).map(([name, text]) =>
    [name, text?.replace(NOTHING, "")] as const
  );
  return { ...(isAny ? { senderRule: "any" } : sender), ...Object.fromEntries(entries) };
}

function isGiven(choice: RuleChoice): boolean {
  return Object.values(choice).some((value) => value !== undefined);
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

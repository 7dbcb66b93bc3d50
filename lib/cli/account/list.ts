/**
 * `account list`, and the printing of `mailbox list`.
 *
 * @module
 */
import { accountKind } from "../../microsoft/mod.ts";
import type { Services } from "../../program/mod.ts";
import type { AccountConditions, AccountRecord, AppPassword } from "../../store/mod.ts";
import type { Call, Command } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import type { Output } from "../output.ts";
import { withDatabase } from "../services.ts";
import { accountJson, formatTime, lastUseOf, paintState } from "./describe.ts";
import { allAccounts } from "./find.ts";

/** `account list`. */
export const accountListCommand: Command = {
  name: "account list",
  summary: "list the accounts that have signed in, and the app-only mailboxes",
  options: {
    search: { value: "TEXT", meaning: "only accounts with TEXT in address, name or short name" },
  },
  run: withDatabase((call, services) =>
    listAccounts(call, services, {
      conditions: {},
      columns: ["ADDRESS", "KIND", "STATE", "RENEWED", "APP PASSWORDS", "LAST USED"],
      none: "No accounts.",
    })
  ),
};

type Cell = (account: AccountRecord, appPasswords: readonly AppPassword[], out: Output) => string;

const COLUMNS = {
  "ADDRESS": ({ email }) => email,
  "NAME": ({ displayName }) => displayName,
  "KIND": accountKind,
  "STATE": (account, _appPasswords, output) => paintState(account, output),
  "RENEWED": ({ appOnly, refreshedAtMs }) => appOnly ? "" : formatTime(refreshedAtMs),
  "APP PASSWORDS": (_account, { length }) => `${length}`,
  "LAST USED": (_account, appPasswords) => formatTime(lastUseOf(appPasswords)),
  "REGISTRATION": ({ clientId }) => clientId,
} satisfies Readonly<Record<string, Cell>>;

/** A list of accounts. */
interface AccountList {
  /** The accounts in it, of those that the call searches for. */
  readonly conditions: AccountConditions;
  readonly columns: readonly (keyof typeof COLUMNS)[];
  /** Printed if there are none. */
  readonly none: string;
}

/** Prints the accounts that a call searches for. */
export async function listAccounts(
  { text, output }: Call,
  { store }: Services,
  { conditions, columns, none }: AccountList,
): Promise<number> {
  const found = allAccounts(store, { ...conditions, search: text("search") });
  const entries = await Promise.all(
    (await Array.fromAsync(found)).map(async (account) =>
      [account, await store.appPasswords.list(account.id)] as const
    ),
  );
  output.show(entries.map(([account, appPasswords]) => accountJson(account, appPasswords)), () => {
    if (entries.length === 0) return output.line(none);
    output.table(
      columns,
      entries.map((entry) => columns.map((name): string => COLUMNS[name](...entry, output))),
    );
  });
  return EXIT.ok;
}

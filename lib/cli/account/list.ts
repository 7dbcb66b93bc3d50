import { accountKind } from "../../microsoft/mod.ts";
import type { Services } from "../../program/mod.ts";
import type { AccountConditions, AccountRecord } from "../../store/mod.ts";
import type { Call, Command } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { withDatabase } from "../services.ts";
import { accountJson, formatTime, lastUseOf, paintState } from "./describe.ts";

/** Accounts that are read at a time. */
const PAGE_SIZE = 500;

/** `account list`. */
export const accountListCommand: Command = {
  name: "account list",
  summary: "list the accounts that have signed in, and the app-only mailboxes",
  options: {
    search: { value: "TEXT", meaning: "only accounts with TEXT in address, name or short name" },
  },
  run: withDatabase(list),
};

async function list(call: Call, { store }: Services): Promise<number> {
  const accounts = await Array.fromAsync(allAccounts(store, { search: call.text("search") }));
  const entries = await Promise.all(
    accounts.map(async (account) => [account, await store.appPasswords.list(account.id)] as const),
  );
  const { output } = call;
  output.show(entries.map(([account, appPasswords]) => accountJson(account, appPasswords)), () => {
    if (entries.length === 0) return output.line("No accounts.");
    output.table(
      ["ADDRESS", "KIND", "STATE", "RENEWED", "APP PASSWORDS", "LAST USED"],
      entries.map(([account, appPasswords]) => [
        account.email,
        accountKind(account),
        paintState(account, output),
        account.appOnly ? "" : formatTime(account.refreshedAtMs),
        `${appPasswords.length}`,
        formatTime(lastUseOf(appPasswords)),
      ]),
    );
  });
  return EXIT.ok;
}

/** Returns all accounts that meet the conditions, in the order of their addresses. */
export async function* allAccounts(
  { accounts }: Services["store"],
  conditions: AccountConditions,
): AsyncGenerator<AccountRecord> {
  for (let offset = 0;; offset += PAGE_SIZE) {
    const page = await accounts.list({ ...conditions, limit: PAGE_SIZE, offset });
    yield* page;
    if (page.length < PAGE_SIZE) return;
  }
}

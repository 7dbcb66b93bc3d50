/**
 * Finds accounts and app-only mailboxes.
 *
 * @module
 */
import { PROGRAM } from "../../base/mod.ts";
import type { AccountConditions, AccountRecord, Store } from "../../store/mod.ts";
import { CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";

/** Name of a parameter that selects an account. */
export const ACCOUNT = "ACCOUNT";
/** Explanation of that parameter. */
export const ACCOUNT_MEANING =
  "ACCOUNT is the mailbox address, the sign-in name, the short name, or the ID that `account list --json` shows.";

/** Name of a parameter that selects an app-only mailbox. */
export const MAILBOX = "MAILBOX";
/** Explanation of that parameter. */
export const MAILBOX_MEANING =
  "MAILBOX is its address, its short name, or the ID that `mailbox list --json` shows.";

/** Accounts that are read at a time. */
const PAGE_SIZE = 500;

/** Returns all accounts that meet the conditions, in the order of their addresses. */
export async function* allAccounts(
  { accounts }: Pick<Store, "accounts">,
  conditions: AccountConditions,
): AsyncGenerator<AccountRecord> {
  for (let offset = 0;; offset += PAGE_SIZE) {
    const page = await accounts.list({ ...conditions, limit: PAGE_SIZE, offset });
    yield* page;
    if (page.length < PAGE_SIZE) return;
  }
}

/** Returns the app-only mailboxes that parameters select; without any, all of them. @throws {CommandError} */
export async function findMailboxes(
  store: Pick<Store, "accounts">,
  wanted: readonly string[],
): Promise<readonly AccountRecord[]> {
  return wanted.length > 0
    ? await Promise.all(wanted.map((one) => findAccount(store, one, true)))
    : await Array.fromAsync(allAccounts(store, { appOnly: true }));
}

/**
 * Finds an account by its ID, address or short name.
 *
 * @param appOnly Whether to look only among app-only mailboxes, or only among the others. Absent: among all.
 * @throws {CommandError} if there is none, or more than one.
 */
export async function findAccount(
  { accounts }: Pick<Store, "accounts">,
  wanted: string,
  appOnly?: boolean,
): Promise<AccountRecord> {
  const isMeant = (account: AccountRecord) => appOnly === undefined || account.appOnly === appOnly;
  const found = await accounts.get(wanted);
  if (found && isMeant(found)) return found;
  const matching = (await accounts.listByName(wanted)).filter(isMeant);
  const [only, ...others] = matching;
  if (only && others.length === 0) return only;
  const ids = matching.map(({ id, tenantId, appOnly }) =>
    `  ${id} (tenant ${tenantId}${appOnly ? ", app-only" : ""})`
  ).join("\n");
  throw new CommandError(
    only
      ? `Several accounts match "${wanted}". Give the ID of one of them:\n${ids}`
      : appOnly
      ? `No app-only mailbox matches "${wanted}". "${PROGRAM} mailbox list" shows all mailboxes.`
      : `No account matches "${wanted}". "${PROGRAM} account list" shows all accounts.`,
    EXIT.noAccount,
  );
}

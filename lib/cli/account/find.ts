import type { AccountRecord, Store } from "../../store/mod.ts";
import { PROGRAM } from "../../base/mod.ts";
import { CommandError } from "../command.ts";
import { EXIT } from "../exit_codes.ts";

/** How a parameter that names an account is shown in the help. */
export const ACCOUNT = "ACCOUNT";
/** What it may be. */
export const ACCOUNT_MEANING =
  "ACCOUNT is the mailbox's address, the short name, or the id that `account list --json` shows.";

/** A search that finds more is no search. */
const MAX_FOUND = 20;

/**
 * Finds an account by what a person calls it.
 *
 * @throws {CommandError} when there is none, or more than one.
 */
export async function findAccount(
  { accounts }: Pick<Store, "accounts">,
  wanted: string,
): Promise<AccountRecord> {
  const found = await accounts.get(wanted);
  if (found) return found;
  const matching = [...await accounts.listByEmail(wanted), ...await byShortName(accounts, wanted)];
  const [only, ...others] = matching;
  if (!only) {
    throw new CommandError(
      `No account is called "${wanted}". "${PROGRAM} account list" shows all of them.`,
      EXIT.noAccount,
    );
  }
  if (others.length > 0) {
    const ids = matching.map(({ id, tenantId }) => `  ${id} (tenant ${tenantId})`).join("\n");
    throw new CommandError(
      `Several accounts are called "${wanted}". Give the id of one of them:\n${ids}`,
      EXIT.noAccount,
    );
  }
  return only;
}

async function byShortName(accounts: Store["accounts"], wanted: string) {
  const shortName = wanted.toLowerCase();
  const similar = await accounts.list({ search: shortName, limit: MAX_FOUND });
  return similar.filter((account) => account.shortName === shortName);
}

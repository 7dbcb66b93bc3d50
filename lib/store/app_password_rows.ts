/**
 * Rows of app passwords, which are the same in every database: those of a login have columns of their owners, too.
 *
 * @module
 */
import type {
  AddressedAppPassword,
  AppPassword,
  AppPasswordCount,
  AppPasswordRules,
  FoundAppPassword,
} from "./store.ts";

type OwnedRow =
  & Omit<FoundAppPassword["account"], "id">
  & FoundAppPassword["appPassword"]
  & Pick<AppPassword, "accountId">;

/** An app password that was found by its hash. */
export type FoundRow = OwnedRow & Pick<FoundAppPassword, "hash">;

/** An app password that client addresses stand for. */
export type AddressedRow = OwnedRow & Pick<AddressedAppPassword, "clientAddresses">;

const OWNED_COLUMNS = `
  app_only, client_id, tenant_id, object_id, sign_in_name, sign_in_name_confirmed, email, email_verified,
  is_invited, short_name, state, state_reason,
  app_passwords.id, account_id, allowed_sender, forced_sender, allowed_recipients, daily_limit`;
const FROM_BOTH = "FROM app_passwords JOIN accounts ON accounts.id = account_id";

/** Begins the statement that finds by hashes: few columns, since each is a string. */
export const SELECT_FOUND = `SELECT ${OWNED_COLUMNS}, hash ${FROM_BOTH}`;

/** Selects every {@linkcode AddressedRow}. */
export const LIST_ADDRESSED = `
  SELECT ${OWNED_COLUMNS}, client_addresses ${FROM_BOTH} WHERE client_addresses IS NOT NULL`;

/** The columns that are set when an app password is added, apart from its hash. */
export const APP_PASSWORD_COLUMNS =
  "id, account_id, name, allowed_sender, forced_sender, allowed_recipients, " +
  "daily_limit, client_addresses, imported, created_at_ms";

/** Sets the rules of an app password: named parameters of {@linkcode AppPasswordRules}, and its id. */
export const SET_RULES = `
  UPDATE app_passwords SET allowed_sender = :allowedSender, forced_sender = :forcedSender,
    allowed_recipients = :allowedRecipients, daily_limit = :dailyLimit, client_addresses = :clientAddresses
  WHERE id = :id`;

/** Begins the statements that select app passwords without their owners. */
export const SELECT_APP_PASSWORDS =
  `SELECT ${APP_PASSWORD_COLUMNS}, last_used_at_ms, last_used_address FROM app_passwords`;

/** Begins the statement that counts the app passwords of accounts; its condition selects them. */
export const SELECT_COUNTS =
  "SELECT account_id, count(*) AS count, max(last_used_at_ms) AS last_used_at_ms FROM app_passwords";

/** The app passwords of one account, counted. */
export type CountRow = AppPasswordCount & Pick<AppPassword, "accountId">;

/** Returns the counts of rows by account. */
export function byAccount(rows: readonly CountRow[]): ReadonlyMap<string, AppPasswordCount> {
  return new Map(rows.map(({ accountId, ...count }) => [accountId, count]));
}

/** Returns the app password of a row, with its owner. */
export function toFound({ hash, ...row }: FoundRow): FoundAppPassword {
  return { ...toOwned(row), hash };
}

/** Returns the app password of a row with the client addresses that stand for it, and its owner. */
export function toAddressed({ clientAddresses, ...row }: AddressedRow): AddressedAppPassword {
  return { ...toOwned(row), clientAddresses };
}

function toOwned(row: OwnedRow): Pick<FoundAppPassword, "account" | "appPassword"> {
  const { id, accountId, allowedSender, forcedSender, allowedRecipients, dailyLimit, ...account } =
    row;
  const appPassword = { id, allowedSender, forcedSender, allowedRecipients, dailyLimit };
  return { account: { id: accountId, ...account }, appPassword };
}

/** Returns the parameters of {@linkcode SET_RULES}, of which none may be missing. */
export function namedRules(
  id: string,
  { allowedSender, forcedSender, allowedRecipients, dailyLimit, clientAddresses }: AppPasswordRules,
) {
  return { id, allowedSender, forcedSender, allowedRecipients, dailyLimit, clientAddresses };
}

/**
 * App passwords.
 *
 * @module
 */
import type {
  AddressedAppPassword,
  AppPassword,
  AppPasswordCount,
  AppPasswordRules,
  AppPasswordStore,
  AppPasswordUse,
  FoundAppPassword,
  NewAppPassword,
} from "../store.ts";
import type { SqlDatabase } from "./database.ts";
import type { DelayedWrites } from "./delayed_writes.ts";
import { parametersFor } from "./sql.ts";

type OwnedRow =
  & Omit<FoundAppPassword["account"], "id">
  & FoundAppPassword["appPassword"]
  & Pick<AppPassword, "accountId">;

/** An app password that was found by its hash, with columns of its owner. */
export type FoundRow = OwnedRow & Pick<FoundAppPassword, "hash">;

/** An app password that client addresses stand for. */
type AddressedRow = OwnedRow & Pick<AddressedAppPassword, "clientAddresses">;

/** Few columns, since each is a string. */
const OWNED_COLUMNS = `
  app_only, client_id, tenant_id, object_id, sign_in_name, sign_in_name_confirmed, email, email_verified,
  is_invited, short_name, state, state_reason,
  app_passwords.id, account_id, allowed_sender, forced_sender, allowed_recipients, daily_limit`;
const FROM_BOTH = "FROM app_passwords JOIN accounts ON accounts.id = account_id";

/** Selects {@linkcode FoundRow}s. */
export const SELECT_FOUND = `SELECT ${OWNED_COLUMNS}, hash ${FROM_BOTH}`;

const LIST_ADDRESSED = `
  SELECT ${OWNED_COLUMNS}, client_addresses ${FROM_BOTH} WHERE client_addresses IS NOT NULL`;

const COLUMNS = "id, account_id, name, allowed_sender, forced_sender, allowed_recipients, " +
  "daily_limit, client_addresses, imported, created_at_ms";
const SELECT = `SELECT ${COLUMNS}, last_used_at_ms, last_used_address FROM app_passwords`;
const INSERT = `
  INSERT INTO app_passwords (${COLUMNS}, hash) VALUES (${parametersFor(COLUMNS)}, :hash)`;
const SET_RULES = `
  UPDATE app_passwords SET allowed_sender = :allowedSender, forced_sender = :forcedSender,
    allowed_recipients = :allowedRecipients, daily_limit = :dailyLimit, client_addresses = :clientAddresses
  WHERE id = :id`;

/** The app passwords of a database. */
export abstract class SqlAppPasswords implements AppPasswordStore {
  readonly #database: SqlDatabase;
  readonly #writes: DelayedWrites;

  constructor(database: SqlDatabase, writes: DelayedWrites) {
    this.#database = database;
    this.#writes = writes;
  }

  async find(hashes: readonly Uint8Array[]): Promise<FoundAppPassword | undefined> {
    const found = await this.findRow(hashes);
    if (!found) return undefined;
    const { hash, ...row } = found;
    return { ...toOwned(row), hash };
  }

  /** Finds the row with the first of these hashes that there is, in the fastest way of the database. */
  protected abstract findRow(hashes: readonly Uint8Array[]): Promise<FoundRow | undefined>;

  get(id: string): Promise<AppPassword | undefined> {
    return this.#database.get(`${SELECT} WHERE id = ?`, id);
  }

  async listAddressed(): Promise<readonly AddressedAppPassword[]> {
    const rows = await this.#database.all<AddressedRow>(LIST_ADDRESSED);
    return rows.map(({ clientAddresses, ...row }) => ({ ...toOwned(row), clientAddresses }));
  }

  list(accountId: string): Promise<readonly AppPassword[]> {
    const sql = `${SELECT} WHERE account_id = ? ORDER BY created_at_ms, id`;
    return this.#database.all(sql, accountId);
  }

  async countEach(accountIds: readonly string[]): Promise<ReadonlyMap<string, AppPasswordCount>> {
    const rows = await this.#database.all<AppPasswordCount & Pick<AppPassword, "accountId">>(
      `SELECT account_id, count(*) AS count, max(last_used_at_ms) AS last_used_at_ms
       FROM app_passwords WHERE account_id ${this.#database.dialect.oneOf} GROUP BY account_id`,
      accountIds,
    );
    return new Map(rows.map(({ accountId, ...count }) => [accountId, count]));
  }

  async add(appPassword: NewAppPassword): Promise<void> {
    await this.#database.run(INSERT, appPassword);
  }

  async rename(id: string, name: string): Promise<boolean> {
    return await this.#database.run("UPDATE app_passwords SET name = ? WHERE id = ?", name, id) > 0;
  }

  async setRules(id: string, rules: AppPasswordRules): Promise<boolean> {
    return await this.#database.run(SET_RULES, { ...rules, id }) > 0;
  }

  rehash(id: string, hash: Uint8Array): Promise<void> {
    return Promise.try(() => this.#writes.rehash(id, hash));
  }

  async delete(id: string): Promise<boolean> {
    return await this.#database.run("DELETE FROM app_passwords WHERE id = ?", id) > 0;
  }

  recordUse(use: AppPasswordUse): Promise<void> {
    return Promise.try(() => this.#writes.recordUse(use));
  }
}

function toOwned(row: OwnedRow): Pick<FoundAppPassword, "account" | "appPassword"> {
  const { id, accountId, allowedSender, forcedSender, allowedRecipients, dailyLimit, ...account } =
    row;
  const appPassword = { id, allowedSender, forcedSender, allowedRecipients, dailyLimit };
  return { account: { id: accountId, ...account }, appPassword };
}

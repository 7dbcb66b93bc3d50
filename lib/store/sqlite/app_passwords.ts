/**
 * App passwords in SQLite.
 *
 * @module
 */
import type {
  AddressedAppPassword,
  AppPassword,
  AppPasswordStore,
  AppPasswordUse,
  FoundAppPassword,
  NewAppPassword,
} from "../store.ts";
import type { Batch } from "./batch.ts";
import type { SqliteDatabase } from "./database.ts";
import { parametersFor } from "./sql.ts";

type OwnedRow =
  & Omit<FoundAppPassword["account"], "id">
  & FoundAppPassword["appPassword"]
  & Pick<AppPassword, "accountId">;
type FoundRow = OwnedRow & Pick<FoundAppPassword, "hash">;
type AddressedRow = OwnedRow & Pick<AddressedAppPassword, "clientAddresses">;

const OWNED_COLUMNS = `
  app_only, client_id, tenant_id, object_id, sign_in_name, sign_in_name_confirmed, email, email_verified,
  short_name, state, state_reason,
  app_passwords.id, account_id, allowed_sender, forced_sender, allowed_recipients, daily_limit`;
const FROM_BOTH = "FROM app_passwords JOIN accounts ON accounts.id = account_id";

/** One statement with few columns: each statement costs a lock of the file, each column a string. */
export const FIND = `
  SELECT ${OWNED_COLUMNS}, hash ${FROM_BOTH} WHERE hash = ?`;

const LIST_ADDRESSED = `
  SELECT ${OWNED_COLUMNS}, client_addresses ${FROM_BOTH} WHERE client_addresses IS NOT NULL`;

const COLUMNS = "id, account_id, name, allowed_sender, forced_sender, allowed_recipients, " +
  "daily_limit, client_addresses, imported, created_at_ms";
const SELECT = `SELECT ${COLUMNS}, last_used_at_ms, last_used_address FROM app_passwords`;
const INSERT = `
  INSERT INTO app_passwords (${COLUMNS}, hash) VALUES (${parametersFor(COLUMNS)}, :hash)`;
const REHASH = "UPDATE OR IGNORE app_passwords SET hash = ? WHERE id = ?";
const RECORD_USE = `
  UPDATE app_passwords SET last_used_at_ms = :atMs, last_used_address = :address
  WHERE id = :appPasswordId`;

export class SqliteAppPasswords implements AppPasswordStore {
  readonly #database: SqliteDatabase;
  readonly #batch: Batch;

  constructor(database: SqliteDatabase, batch: Batch) {
    this.#database = database;
    this.#batch = batch;
  }

  find(hashes: readonly Uint8Array[]): Promise<FoundAppPassword | undefined> {
    return Promise.try(() => {
      const statement = this.#database.prepare<FoundRow>(FIND);
      for (const hash of hashes) {
        const row = statement.get(hash);
        if (row) return toFound(row);
      }
    });
  }

  get(id: string): Promise<AppPassword | undefined> {
    const sql = `${SELECT} WHERE id = ?`;
    return Promise.try(() => this.#database.prepare<AppPassword>(sql).get(id));
  }

  listAddressed(): Promise<readonly AddressedAppPassword[]> {
    return Promise.try(() =>
      this.#database.prepare<AddressedRow>(LIST_ADDRESSED).all()
        .map(({ clientAddresses, ...row }) => ({ ...toOwned(row), clientAddresses }))
    );
  }

  list(accountId: string): Promise<readonly AppPassword[]> {
    const sql = `${SELECT} WHERE account_id = ? ORDER BY created_at_ms, id`;
    return Promise.try(() => this.#database.prepare<AppPassword>(sql).all(accountId));
  }

  add(appPassword: NewAppPassword): Promise<void> {
    return Promise.try(() => void this.#database.prepare(INSERT).runNamed(appPassword));
  }

  rename(id: string, name: string): Promise<boolean> {
    const sql = "UPDATE app_passwords SET name = ? WHERE id = ?";
    return Promise.try(() => this.#database.prepare(sql).run(name, id) > 0);
  }

  rehash(id: string, hash: Uint8Array): Promise<void> {
    const write = () => this.#database.prepare(REHASH).run(hash, id);
    return Promise.try(() => this.#batch.add(`rehash ${id}`, write));
  }

  delete(id: string): Promise<boolean> {
    const sql = "DELETE FROM app_passwords WHERE id = ?";
    return Promise.try(() => this.#database.prepare(sql).run(id) > 0);
  }

  recordUse(use: AppPasswordUse): Promise<void> {
    const write = () => this.#database.prepare(RECORD_USE).runNamed(use);
    return Promise.try(() => this.#batch.add(`use ${use.appPasswordId}`, write));
  }
}

function toFound({ hash, ...row }: FoundRow): FoundAppPassword {
  return { ...toOwned(row), hash };
}

function toOwned(row: OwnedRow): Pick<FoundAppPassword, "account" | "appPassword"> {
  const { id, accountId, allowedSender, forcedSender, allowedRecipients, dailyLimit, ...account } =
    row;
  const appPassword = { id, allowedSender, forcedSender, allowedRecipients, dailyLimit };
  return { account: { id: accountId, ...account }, appPassword };
}

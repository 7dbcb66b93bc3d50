/**
 * App passwords in SQLite.
 *
 * @module
 */
import type {
  AccountRecord,
  AppPassword,
  AppPasswordStore,
  AppPasswordUse,
  FoundAppPassword,
  NewAppPassword,
} from "../store.ts";
import type { Batch } from "./batch.ts";
import type { SqliteDatabase, Statement } from "./database.ts";
import { parametersFor } from "./sql.ts";

type FoundRow =
  & Omit<FoundAppPassword["account"], "id">
  & FoundAppPassword["appPassword"]
  & Pick<FoundAppPassword, "hash">
  & { readonly accountId: AccountRecord["id"] };

/** One statement with few columns: each statement costs a lock of the file, each column a string. */
export const FIND = `
  SELECT tenant_id, email, short_name, state, state_reason,
    app_passwords.id, account_id, allowed_sender, hash
  FROM app_passwords JOIN accounts ON accounts.id = account_id
  WHERE hash = ?`;

const COLUMNS = "id, account_id, hash, name, allowed_sender, imported, created_at_ms";
const ALL_COLUMNS =
  "id, account_id, name, allowed_sender, imported, created_at_ms, last_used_at_ms, last_used_address";

export class SqliteAppPasswords implements AppPasswordStore {
  readonly #batch: Batch;
  readonly #find: Statement<FoundRow>;
  readonly #byId: Statement<AppPassword>;
  readonly #byAccount: Statement<AppPassword>;
  readonly #insert: Statement;
  readonly #rename: Statement;
  readonly #rehash: Statement;
  readonly #delete: Statement;
  readonly #noteUse: Statement;

  constructor(database: SqliteDatabase, batch: Batch) {
    this.#batch = batch;
    this.#find = database.prepare(FIND);
    this.#byId = database.prepare(`SELECT ${ALL_COLUMNS} FROM app_passwords WHERE id = ?`);
    this.#byAccount = database.prepare(
      `SELECT ${ALL_COLUMNS} FROM app_passwords WHERE account_id = ? ORDER BY created_at_ms, id`,
    );
    this.#insert = database.prepare(
      `INSERT INTO app_passwords (${COLUMNS}) VALUES (${parametersFor(COLUMNS)})`,
    );
    this.#rename = database.prepare("UPDATE app_passwords SET name = ? WHERE id = ?");
    this.#rehash = database.prepare("UPDATE OR IGNORE app_passwords SET hash = ? WHERE id = ?");
    this.#delete = database.prepare("DELETE FROM app_passwords WHERE id = ?");
    this.#noteUse = database.prepare(
      "UPDATE app_passwords SET last_used_at_ms = ?, last_used_address = ? WHERE id = ?",
    );
  }

  find(hashes: readonly Uint8Array[]): Promise<FoundAppPassword | undefined> {
    return Promise.try(() => {
      for (const hash of hashes) {
        const row = this.#find.get(hash);
        if (row) return toFound(row);
      }
    });
  }

  get(id: string): Promise<AppPassword | undefined> {
    return Promise.try(() => this.#byId.get(id));
  }

  list(accountId: string): Promise<readonly AppPassword[]> {
    return Promise.try(() => this.#byAccount.all(accountId));
  }

  add(appPassword: NewAppPassword): Promise<void> {
    return Promise.try(() => void this.#insert.runNamed(appPassword));
  }

  rename(id: string, name: string): Promise<boolean> {
    return Promise.try(() => this.#rename.run(name, id) > 0);
  }

  rehash(id: string, hash: Uint8Array): Promise<void> {
    return Promise.try(() => this.#batch.add(`rehash ${id}`, () => this.#rehash.run(hash, id)));
  }

  delete(id: string): Promise<boolean> {
    return Promise.try(() => this.#delete.run(id) > 0);
  }

  recordUse({ appPasswordId, atMs, address }: AppPasswordUse): Promise<void> {
    return Promise.try(() =>
      this.#batch.add(`use ${appPasswordId}`, () => this.#noteUse.run(atMs, address, appPasswordId))
    );
  }
}

function toFound({ id, accountId, allowedSender, hash, ...account }: FoundRow): FoundAppPassword {
  return { account: { id: accountId, ...account }, appPassword: { id, allowedSender }, hash };
}

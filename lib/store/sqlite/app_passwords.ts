/**
 * App passwords in SQLite.
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
import {
  type AddressedRow,
  APP_PASSWORD_COLUMNS,
  byAccount,
  type CountRow,
  type FoundRow,
  LIST_ADDRESSED,
  namedRules,
  SELECT_APP_PASSWORDS,
  SELECT_COUNTS,
  SET_RULES,
  toAddressed,
  toFound,
} from "../app_password_rows.ts";
import type { Batch } from "./batch.ts";
import type { SqliteDatabase } from "./database.ts";
import { parametersFor } from "./sql.ts";

/** One row of one table: each statement costs a lock of the file, each table pages that no cache holds. */
export const FIND = "SELECT * FROM logins WHERE hash = ?";

const INSERT = `
  INSERT INTO app_passwords (${APP_PASSWORD_COLUMNS}, hash) VALUES (${
  parametersFor(APP_PASSWORD_COLUMNS)
}, :hash)`;
const COUNT_EACH =
  `${SELECT_COUNTS} WHERE account_id IN (SELECT value FROM json_each(?)) GROUP BY account_id`;
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
    const sql = `${SELECT_APP_PASSWORDS} WHERE id = ?`;
    return Promise.try(() => this.#database.prepare<AppPassword>(sql).get(id));
  }

  listAddressed(): Promise<readonly AddressedAppPassword[]> {
    return Promise.try(() =>
      this.#database.prepare<AddressedRow>(LIST_ADDRESSED).all()
        .map(toAddressed)
    );
  }

  list(accountId: string): Promise<readonly AppPassword[]> {
    const sql = `${SELECT_APP_PASSWORDS} WHERE account_id = ? ORDER BY created_at_ms, id`;
    return Promise.try(() => this.#database.prepare<AppPassword>(sql).all(accountId));
  }

  countEach(accountIds: readonly string[]): Promise<ReadonlyMap<string, AppPasswordCount>> {
    const ids = JSON.stringify(accountIds);
    return Promise.try(() => byAccount(this.#database.prepare<CountRow>(COUNT_EACH).all(ids)));
  }

  add(appPassword: NewAppPassword): Promise<void> {
    return Promise.try(() => void this.#database.prepare(INSERT).runNamed(appPassword));
  }

  rename(id: string, name: string): Promise<boolean> {
    const sql = "UPDATE app_passwords SET name = ? WHERE id = ?";
    return Promise.try(() => this.#database.prepare(sql).run(name, id) > 0);
  }

  setRules(id: string, rules: AppPasswordRules): Promise<boolean> {
    return Promise.try(() => this.#database.prepare(SET_RULES).runNamed(namedRules(id, rules)) > 0);
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

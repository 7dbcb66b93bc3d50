/**
 * App passwords in SQLite.
 *
 * @module
 */
import type {
  AppPassword,
  AppPasswordStore,
  AppPasswordUse,
  FoundAppPassword,
  NewAppPassword,
} from "../store.ts";
import type { AccountRow } from "./accounts.ts";
import type { Batch } from "./batch.ts";
import type { SqliteDatabase, Statement } from "./database.ts";

interface AppPasswordRow {
  readonly id: string;
  readonly account_id: string;
  readonly name: string;
  readonly allowed_sender: string | null;
  readonly imported: number;
  readonly created_at_ms: number;
  readonly last_used_at_ms: number | null;
  readonly last_used_address: string | null;
}

type FoundRow =
  & Pick<AccountRow, "tenant_id" | "email" | "short_name" | "state" | "state_reason">
  & Pick<AppPasswordRow, "id" | "account_id" | "allowed_sender">
  & { readonly hash: Uint8Array };

/** One statement with few columns: each statement costs a lock of the file, each column a string. */
export const FIND = `
  SELECT tenant_id, email, short_name, state, state_reason,
    app_passwords.id, account_id, allowed_sender, hash
  FROM app_passwords JOIN accounts ON accounts.id = account_id
  WHERE hash = ?`;

const INSERT = `
  INSERT INTO app_passwords (id, account_id, hash, name, allowed_sender, imported, created_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;

export class SqliteAppPasswords implements AppPasswordStore {
  readonly #batch: Batch;
  readonly #find: Statement<FoundRow>;
  readonly #byId: Statement<AppPasswordRow>;
  readonly #byAccount: Statement<AppPasswordRow>;
  readonly #insert: Statement<never>;
  readonly #rename: Statement<never>;
  readonly #rehash: Statement<never>;
  readonly #delete: Statement<never>;
  readonly #noteUse: Statement<never>;

  constructor(database: SqliteDatabase, batch: Batch) {
    this.#batch = batch;
    this.#find = database.prepare(FIND);
    this.#byId = database.prepare("SELECT * FROM app_passwords WHERE id = ?");
    this.#byAccount = database.prepare(
      "SELECT * FROM app_passwords WHERE account_id = ? ORDER BY created_at_ms, id",
    );
    this.#insert = database.prepare(INSERT);
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
    return Promise.try(() => this.#byId.all(id).map(toAppPassword)[0]);
  }

  list(accountId: string): Promise<readonly AppPassword[]> {
    return Promise.try(() => this.#byAccount.all(accountId).map(toAppPassword));
  }

  add(appPassword: NewAppPassword): Promise<void> {
    const { id, accountId, hash, name, allowedSender, imported, createdAtMs } = appPassword;
    return Promise.try(() => {
      this.#insert.run(id, accountId, hash, name, allowedSender, Number(imported), createdAtMs);
    });
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

function toFound(row: FoundRow): FoundAppPassword {
  return {
    account: {
      id: row.account_id,
      tenantId: row.tenant_id,
      email: row.email,
      shortName: row.short_name ?? undefined,
      state: row.state,
      stateReason: row.state_reason ?? undefined,
    },
    appPassword: { id: row.id, allowedSender: row.allowed_sender ?? undefined },
    hash: row.hash,
  };
}

function toAppPassword(row: AppPasswordRow): AppPassword {
  return {
    id: row.id,
    accountId: row.account_id,
    name: row.name,
    allowedSender: row.allowed_sender ?? undefined,
    imported: row.imported !== 0,
    createdAtMs: row.created_at_ms,
    lastUsedAtMs: row.last_used_at_ms ?? undefined,
    lastUsedAddress: row.last_used_address ?? undefined,
  };
}

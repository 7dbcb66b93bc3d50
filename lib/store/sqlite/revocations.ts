/**
 * What was revoked, in SQLite: triggers write it, so that no way of deleting is forgotten.
 *
 * @module
 */
import type { Revocation, RevocationStore } from "../store.ts";
import type { SqliteDatabase, Statement } from "./database.ts";

interface RevocationRow {
  readonly id: number;
  readonly account_id: string;
  readonly app_password_id: string | null;
}

export class SqliteRevocations implements RevocationStore {
  readonly #lastId: Statement<{ id: number }>;
  readonly #listAfter: Statement<RevocationRow>;

  constructor(database: SqliteDatabase) {
    this.#lastId = database.prepare("SELECT coalesce(max(id), 0) AS id FROM revocations");
    this.#listAfter = database.prepare("SELECT * FROM revocations WHERE id > ? ORDER BY id");
  }

  lastId(): Promise<number> {
    return Promise.try(() => this.#lastId.get()!.id);
  }

  listAfter(id: number): Promise<readonly Revocation[]> {
    return Promise.try(() => this.#listAfter.all(id).map(toRevocation));
  }
}

function toRevocation(row: RevocationRow): Revocation {
  return {
    id: row.id,
    accountId: row.account_id,
    appPasswordId: row.app_password_id ?? undefined,
  };
}

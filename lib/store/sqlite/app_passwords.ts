/**
 * The search for app passwords in SQLite.
 *
 * @module
 */
import { type FoundRow, SqlAppPasswords } from "../sql/app_passwords.ts";
import type { DelayedWrites } from "../sql/delayed_writes.ts";
import type { SqliteDatabase } from "./database.ts";

/** Reads one row of one table: each statement locks the file, and each table needs pages that may not be in the cache. */
export const FIND = "SELECT * FROM logins WHERE hash = ?";

/** App passwords that are found in the table `logins`. */
export class SqliteAppPasswords extends SqlAppPasswords {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase, writes: DelayedWrites) {
    super(database, writes);
    this.#database = database;
  }

  protected override findRow(hashes: readonly Uint8Array[]): Promise<FoundRow | undefined> {
    return Promise.try(() => {
      const statement = this.#database.prepare<FoundRow>(FIND);
      for (const hash of hashes) {
        const row = statement.get(hash);
        if (row) return row;
      }
    });
  }
}

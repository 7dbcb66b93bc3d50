/**
 * The database in one SQLite file.
 *
 * @module
 */
import { systemClock } from "../../base/mod.ts";
import { type BatchOptions, SqlStore } from "../sql/sql_store.ts";
import type { MarkStore } from "../store.ts";
import { SqliteAppPasswords } from "./app_passwords.ts";
import { Batch } from "./batch.ts";
import { SqliteDatabase, type SqliteOptions } from "./database.ts";
import { SqliteDelayedWrites } from "./delayed_writes.ts";

/** A store in a file. It needs Deno's permissions to read and write the directory, since SQLite creates two more files there. */
export class SqliteStore extends SqlStore {
  readonly marks: MarkStore;
  readonly #database: SqliteDatabase;

  private constructor(database: SqliteDatabase, writes: SqliteDelayedWrites) {
    super(database, writes, new SqliteAppPasswords(database, writes));
    this.#database = database;
    this.marks = new SqliteMarks(database);
  }

  /**
   * Opens or creates the file. A large file is not searched for damage here, see {@linkcode SqliteStore.verify}.
   *
   * @throws {StoreError} For example `corrupt`, `newer`, `foreign` or `read-only`; the file stays as it is.
   */
  static open(path: string, options: SqliteOptions & BatchOptions = {}): Promise<SqliteStore> {
    return Promise.try(() => {
      const database = SqliteDatabase.open(path, options);
      const { clock = systemClock, onBatchError = () => {} } = options;
      const batch = new Batch(database, clock, onBatchError);
      return new SqliteStore(database, new SqliteDelayedWrites(database, batch));
    });
  }

  override async check(): Promise<void> {
    if (this.#database.damage) throw this.#database.damage;
    await super.check();
  }

  verify(): Promise<void> {
    return this.#database.verify();
  }

  async backup(path: string): Promise<void> {
    await this.flush();
    await this.#database.backup(path);
  }
}

const CLAIM = `
  INSERT INTO marks (name, at_ms) VALUES (:name, :atMs)
  ON CONFLICT DO UPDATE SET at_ms = :atMs WHERE abs(:atMs - at_ms) >= :pauseMs`;

class SqliteMarks implements MarkStore {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  async claim(name: string, atMs: number, pauseMs: number): Promise<boolean> {
    return await this.#database.run(CLAIM, { name, atMs, pauseMs }) > 0;
  }
}

/**
 * The database in PostgreSQL, which several replicas share.
 *
 * @module
 */
import { systemClock } from "../../base/mod.ts";
import type { DatabaseConfig } from "../../config/mod.ts";
import { type BatchOptions, SqlStore } from "../sql/sql_store.ts";
import { PostgresAppPasswords } from "./app_passwords.ts";
import { PostgresBatch } from "./batch.ts";
import { PostgresDatabase } from "./database.ts";
import { PostgresDelayedWrites } from "./delayed_writes.ts";

interface PostgresStoreOptions extends BatchOptions {
  /** Copies the database into a new SQLite file. Default: not possible. */
  readonly copyTo?: (path: string) => Promise<unknown>;
  /** Called with the time that each statement took, in milliseconds. */
  readonly onQuery?: (durationMs: number) => void;
}

/** A store on a PostgreSQL server. */
export class PostgresStore extends SqlStore {
  readonly #copyTo: (path: string) => Promise<unknown>;

  private constructor(
    readonly shared: PostgresDatabase,
    writes: PostgresDelayedWrites,
    copyTo: (path: string) => Promise<unknown>,
  ) {
    super(shared, writes, new PostgresAppPasswords(shared, writes));
    this.#copyTo = copyTo;
  }

  /** Connects, and migrates the schema. @throws {StoreError} For example `unavailable`, `newer` or `foreign`. */
  static async open(
    config: DatabaseConfig,
    options: PostgresStoreOptions = {},
  ): Promise<PostgresStore> {
    const { ca, listen } = config;
    const { onQuery } = options;
    return PostgresStore.on(await PostgresDatabase.open(config, { ca, listen, onQuery }), options);
  }

  /** Returns a store on an open database. */
  static on(
    database: PostgresDatabase,
    options: Omit<PostgresStoreOptions, "onQuery">,
  ): PostgresStore {
    const { clock = systemClock, onBatchError = () => {} } = options;
    const { copyTo = () => Promise.reject(new TypeError("copyTo is missing")) } = options;
    const batch = new PostgresBatch(database, clock, onBatchError);
    return new PostgresStore(database, new PostgresDelayedWrites(batch), copyTo);
  }

  /** Does nothing: the server looks after its files. */
  verify(): Promise<void> {
    return Promise.resolve();
  }

  /** Writes a SQLite file. */
  async backup(path: string): Promise<void> {
    await this.flush();
    await this.#copyTo(path);
  }
}

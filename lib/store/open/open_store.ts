/**
 * The choice of the database: a file, or a PostgreSQL server.
 *
 * @module
 */
import type { Clock } from "../../base/mod.ts";
import type { DatabaseConfig } from "../../config/mod.ts";
import { copyToSqlite } from "./copy.ts";
import { SqliteStore } from "../sqlite/sqlite_store.ts";
import type { Store, StoreError } from "../store.ts";

/** The settings that choose the database. */
interface StoreConfig {
  /** The file, unless there is a {@linkcode StoreConfig.database}. */
  readonly sqlitePath: string;
  readonly database?: DatabaseConfig;
}

/** Dependencies of both kinds of databases. */
export interface OpenStoreOptions {
  readonly clock: Clock;
  /** Called when a batch could not be written; the write is repeated. */
  readonly onBatchError: (error: StoreError) => void;
  /** Called with the time that each statement to a server took, in milliseconds. */
  readonly onQuery?: (durationMs: number) => void;
}

/**
 * Opens the database. What PostgreSQL needs is loaded only where it is used.
 *
 * @throws {StoreError}
 */
export async function openStore(
  { sqlitePath, database }: StoreConfig,
  options: OpenStoreOptions,
): Promise<Store> {
  if (!database) return await SqliteStore.open(sqlitePath, options);
  const { PostgresStore } = await import("../postgres/postgres_store.ts");
  const copyTo = (path: string) => copyToSqlite(database, path, "read-snapshot");
  return await PostgresStore.open(database, { ...options, copyTo });
}

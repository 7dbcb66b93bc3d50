/**
 * Opens the database that the settings choose, and copies one kind of database to the other. What PostgreSQL needs is loaded only
 * where it is used.
 *
 * @module
 */
import type { DatabaseConfig } from "../../config/mod.ts";
import type * as copies from "../copy/mod.ts";
import { SqliteStore } from "../sqlite/sqlite_store.ts";
import type { BatchOptions } from "../sql/sql_store.ts";
import type { Store } from "../store.ts";

/** See `copyToPostgres()` in `../copy/mod.ts`. */
export const copyToPostgres: typeof copies.copyToPostgres = async (...args) =>
  await (await import("../copy/mod.ts")).copyToPostgres(...args);

/** See `copyToSqlite()` in `../copy/mod.ts`. */
export const copyToSqlite: typeof copies.copyToSqlite = async (...args) =>
  await (await import("../copy/mod.ts")).copyToSqlite(...args);

/** The settings that choose the database. */
interface StoreConfig {
  /** The file, unless there is a {@linkcode StoreConfig.database}. */
  readonly sqlitePath: string;
  readonly database?: DatabaseConfig;
}

/** Dependencies of both kinds of databases. */
interface OpenStoreOptions extends BatchOptions {
  /** Called with the time that each statement to a server took, in milliseconds. */
  readonly onQuery?: (durationMs: number) => void;
}

/** Opens a SQLite file, or a PostgreSQL database if one is configured. @throws {StoreError} */
export async function openStore(
  { sqlitePath, database }: StoreConfig,
  options: OpenStoreOptions,
): Promise<Store> {
  if (!database) return await SqliteStore.open(sqlitePath, options);
  const { PostgresStore } = await import("../postgres/postgres_store.ts");
  const copyTo = (path: string) => copyToSqlite(database, path, "read-snapshot");
  return await PostgresStore.open(database, { ...options, copyTo });
}

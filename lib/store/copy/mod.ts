/**
 * Copies between a SQLite file and a PostgreSQL database.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { DatabaseConfig } from "../../config/mod.ts";
import { StoreError } from "../store.ts";
import { openPostgres, type PostgresUse } from "./postgres.ts";
import { openSqliteSource, openSqliteTarget } from "./sqlite.ts";
import { type CopyDatabase, type Row, type Table, TABLES } from "./tables.ts";

/** The number of rows of each table. */
export type CopyReport = Readonly<Record<string, number>>;

/** Copies a file into an empty database that nothing else uses. @throws {StoreError} Then the database is unchanged. */
export function copyToPostgres(path: string, database: DatabaseConfig): Promise<CopyReport> {
  return copy(
    () => Promise.try(() => openSqliteSource(path)),
    () => openPostgres(database, "write"),
  );
}

/**
 * Copies a database into a new file.
 *
 * @param use `read-alone`: nothing else uses the database. `read-snapshot`: servers may use it.
 * @throws {StoreError} Then there is no file.
 */
export function copyToSqlite(
  database: DatabaseConfig,
  path: string,
  use: Exclude<PostgresUse, "write">,
): Promise<CopyReport> {
  return copy(
    () => openPostgres(database, use),
    () => Promise.try(() => openSqliteTarget(path)),
  );
}

async function copy(
  openSource: () => Promise<CopyDatabase>,
  openTarget: () => Promise<CopyDatabase>,
): Promise<CopyReport> {
  const source = await openSource();
  try {
    const target = await openTarget();
    try {
      const report = await copyTables(source, target);
      await target.close(true);
      return report;
    } catch (error) {
      await target.close(false);
      throw error;
    }
  } finally {
    await source.close(false);
  }
}

async function copyTables(source: CopyDatabase, target: CopyDatabase): Promise<CopyReport> {
  const report: Record<string, number> = {};
  for (const table of TABLES) {
    for await (const page of source.pages(table)) await target.write(table, page);
    const [read, written] = [await digest(source, table), await digest(target, table)];
    if (read.hash !== written.hash) {
      throw new StoreError(
        "other",
        `The copy of the table ${table.name} differs: ${read.count} rows in ${source.name}, ` +
          `${written.count} in ${target.name}. Nothing was kept.`,
      );
    }
    report[table.name] = read.count;
  }
  return report;
}

/** Returns the number of rows of a table, and a hash of all of them. */
async function digest(
  database: CopyDatabase,
  table: Table,
): Promise<{ count: number; hash: string }> {
  const hash = createHash("sha256");
  let count = 0;
  for await (const page of database.pages(table)) {
    count += page.length;
    for (const row of page) hash.update(`${canonical(row)}\n`);
  }
  return { count, hash: hash.digest("hex") };
}

/** PostgreSQL accepts no NUL in a text, so the copy has a replacement. */
function canonical(row: Row): string {
  return JSON.stringify(row.map((value) => {
    if (value instanceof Uint8Array) return value.toHex();
    return typeof value === "string" ? value.replaceAll("\0", "\uFFFD") : value;
  }));
}

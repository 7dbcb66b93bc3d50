/**
 * A SQLite file as the source or the target of a copy.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { backup, DatabaseSync, type SQLInputValue } from "node:sqlite";
import { StoreError } from "../store.ts";
import { createNewSchema, createPrivately, CURRENT_VERSION } from "../sqlite/database.ts";
import { toStoreError } from "../sqlite/errors.ts";
import { COUNT_DELIVERIES } from "../sqlite/migrations.ts";
import { type CopyDatabase, PAGE_ROWS, type Row, type Table, type Value } from "./tables.ts";

const FILE_IN_USE = "Stop the server that uses it, and copy again.";

/** Opens a file of the current version for reading. No other process may have it open. @throws {StoreError} */
export function openSqliteSource(path: string): CopyDatabase {
  const database = attempt(path, () => {
    if (!existsSync(path)) throw new Error("unable to open: there is no such file");
    return new DatabaseSync(path);
  });
  try {
    // In this mode SQLite fails if any other process has the file open, even an idle one.
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    checkVersion(path, database);
  } catch (error) {
    database.close();
    const { kind } = toStoreError(path, error);
    if (kind !== "locked") throw toStoreError(path, error);
    throw new StoreError(kind, `Another process uses the database ${path}. ${FILE_IN_USE}`);
  }
  return new SqliteCopyDatabase(path, database);
}

/** The server brings an older file up to date. */
function checkVersion(path: string, database: DatabaseSync): void {
  const { user_version: version } = database.prepare("PRAGMA user_version").get()!;
  if (version === CURRENT_VERSION) return;
  throw new StoreError(
    "foreign",
    `The file ${path} is no database of this version of the program. Name the right file, or start this version's server ` +
      "with it once.",
  );
}

/** Creates a new file, which is written at the end. @throws {StoreError} if it exists. */
export function openSqliteTarget(path: string): CopyDatabase {
  attempt(path, () => createPrivately(path));
  const database = new DatabaseSync(":memory:");
  createNewSchema(database);
  return new SqliteCopyDatabase(path, database, true);
}

class SqliteCopyDatabase implements CopyDatabase {
  readonly #database: DatabaseSync;
  readonly #isNew: boolean;

  constructor(readonly name: string, database: DatabaseSync, isNew = false) {
    this.#database = database;
    this.#isNew = isNew;
  }

  async *pages({ name, columns }: Table): AsyncIterable<readonly Row[]> {
    const names = Object.keys(columns);
    const types = Object.values(columns);
    const sql = `SELECT ${names.join(", ")} FROM ${name} ORDER BY ${names[0]}`;
    let page: Row[] = [];
    for (const row of this.#database.prepare(sql).iterate()) {
      page.push(names.map((column, index) => {
        const value = row[column] as Value;
        return types[index] === "boolean" ? value !== 0 : value;
      }));
      if (page.length < PAGE_ROWS) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  }

  write({ name, columns }: Table, rows: readonly Row[]): Promise<void> {
    return Promise.try(() => {
      const names = Object.keys(columns);
      const places = names.map(() => "?").join(", ");
      const insert = this.#database.prepare(
        `INSERT INTO ${name} (${names.join(", ")}) VALUES (${places})`,
      );
      this.#database.exec("BEGIN");
      for (const row of rows) {
        insert.run(
          ...row.map((value): SQLInputValue => typeof value === "boolean" ? Number(value) : value),
        );
      }
      this.#database.exec("COMMIT");
    });
  }

  async close(succeeded: boolean): Promise<void> {
    try {
      if (this.#isNew && succeeded) {
        this.#database.exec(COUNT_DELIVERIES);
        await backup(this.#database, this.name);
      } else if (this.#isNew) Deno.removeSync(this.name);
    } finally {
      this.#database.close();
    }
  }
}

function attempt<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw toStoreError(path, error);
  }
}

/**
 * The tables that both kinds of databases have.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { createNewSchema } from "../sqlite/database.ts";
import { BOOLEAN_COLUMNS } from "../sqlite/sql.ts";

/** The type of a column in PostgreSQL. SQLite stores a boolean as 0 or 1. */
export type ColumnType = "text" | "bigint" | "boolean" | "bytea" | "float8";

/** A table with its columns. The first one decides the order of the rows. */
export interface Table {
  readonly name: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** Whether the database generates the numbers of the first column. */
  readonly numbered: boolean;
}

/** The types of PostgreSQL for those of SQLite. */
const TYPES: Readonly<Record<string, ColumnType>> = {
  TEXT: "text",
  INTEGER: "bigint",
  BLOB: "bytea",
  REAL: "float8",
};

/** All tables, in an order in which each row comes after the row that it belongs to. */
export const TABLES: readonly Table[] = readTables([
  "accounts",
  "tokens",
  "sealed_values",
  "app_passwords",
  "web_sessions",
  "deliveries",
  "admin_grants",
  "audit",
  "secret_ends",
  "invitations",
  "revocations",
]);

/** Reads the columns of tables from SQLite's schema: PostgreSQL's tables have these, and some of their own. */
function readTables(names: readonly string[]): Table[] {
  using database = new DatabaseSync(":memory:");
  createNewSchema(database);
  const select = database.prepare("SELECT name, type FROM pragma_table_info(?)");
  return names.map((name) => {
    const types = select.all(name).map(({ name, type }) => [
      String(name),
      BOOLEAN_COLUMNS.has(String(name)) ? "boolean" : TYPES[String(type)]!,
    ]);
    const columns = Object.fromEntries(types);
    return { name, columns, numbered: Object.values(columns)[0] === "bigint" };
  });
}

/** A value as both kinds of databases have it. */
export type Value = string | number | boolean | Uint8Array | null;

/** The values of a row, in the order of the columns. */
export type Row = readonly Value[];

/** A database as the source or the target of a copy. */
export interface CopyDatabase {
  /** Names the database in messages. */
  readonly name: string;
  /** Returns all rows of a table in pages, in the order of the first column. */
  pages(table: Table): AsyncIterable<readonly Row[]>;
  /** Adds rows to a table. */
  write(table: Table, rows: readonly Row[]): Promise<void>;
  /** Closes the database. What was written is kept only if the copy succeeded. */
  close(succeeded: boolean): Promise<void>;
}

/** Most rows of a page. */
export const PAGE_ROWS = 1_000;

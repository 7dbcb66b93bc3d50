/**
 * Converts values between records and SQLite.
 *
 * A column `at_ms` is the property `atMs`, NULL is `undefined`, and 0 or 1 in one of the {@linkcode BOOLEAN_COLUMNS} is a
 * boolean. An array is passed as JSON.
 *
 * @module
 */
import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
import type { Dialect } from "../sql/database.ts";
import type { Parameter } from "../statements.ts";
import { propertyOf } from "../sql/sql.ts";

/** Columns of booleans, which SQLite stores as 0 or 1. */
export const BOOLEAN_COLUMNS: ReadonlySet<string> = new Set([
  "app_only",
  "email_verified",
  "forced_sender",
  "imported",
  "is_change",
  "is_invited",
  "sign_in_name_confirmed",
]);

/** Columns with names ignore the case of ASCII letters (NOCASE), and so does LIKE. Only one transaction writes at a time. */
export const DIALECT: Dialect = {
  hasName: "email = ?1 OR sign_in_name = ?1 OR short_name = lower(?1)",
  sortedEmail: "email",
  like: "LIKE",
  oneOf: "IN (SELECT value FROM json_each(?))",
  forUpdate: "",
  skipLocked: "",
  endTokenLease: "",
  endValueLease: "",
  indexedBy: (index) => `INDEXED BY ${index}`,
};

/** Converts a value for a parameter. */
export function toSql(value: Parameter): SQLInputValue {
  if (typeof value === "boolean") return Number(value);
  return Array.isArray(value) ? JSON.stringify(value) : value as SQLInputValue ?? null;
}

/** Converts a row to a record. */
export function toRecord(row: Readonly<Record<string, SQLOutputValue>>): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const column in row) {
    const value = row[column];
    record[propertyOf(column)] = BOOLEAN_COLUMNS.has(column) ? value !== 0 : value ?? undefined;
  }
  return record;
}

/**
 * The border between records and SQL: names, values, conditions.
 *
 * A column `at_ms` is the property `atMs`. NULL is `undefined`, and 0 or 1 in a column of {@linkcode BOOLEAN_COLUMNS} is a
 * boolean; neither gets past this file.
 *
 * @module
 */
import type { SQLInputValue, SQLOutputValue } from "node:sqlite";

const BOOLEAN_COLUMNS: ReadonlySet<string> = new Set([
  "app_only",
  "email_verified",
  "forced_sender",
  "imported",
  "is_change",
  "is_invited",
  "sign_in_name_confirmed",
]);

/** A value for a parameter of a statement. */
export type Parameter = SQLInputValue | boolean | undefined;

/** Converts a value for a parameter. */
export function toSql(value: Parameter): SQLInputValue {
  return typeof value === "boolean" ? Number(value) : value ?? null;
}

/** Converts a record for named parameters. */
export function toNamed(record: object): Record<string, SQLInputValue> {
  const entries: [string, Parameter][] = Object.entries(record);
  return Object.fromEntries(entries.map(([name, value]) => [name, toSql(value)]));
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

/** There are some dozen columns, and many rows. */
const properties = new Map<string, string>();

function propertyOf(column: string): string {
  let property = properties.get(column);
  if (property === undefined) {
    property = column.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    properties.set(column, property);
  }
  return property;
}

/** Returns the named parameters for columns: `:atMs, :sender` for `at_ms, sender`. */
export function parametersFor(columns: string): string {
  return columns.replace(/\w+/g, (column) => `:${propertyOf(column)}`);
}

/** A condition with `?` for its parameters. It is left out when the first of them is `undefined`. */
export type Condition = readonly [sql: string, ...parameters: Parameter[]];

/** Returns the conditions that apply, as a WHERE clause with its parameters. */
export function where(conditions: readonly Condition[]): { sql: string; parameters: Parameter[] } {
  const applying = conditions.filter(([, first]) => first !== undefined);
  return {
    sql: applying.length > 0 ? `WHERE ${applying.map(([sql]) => sql).join(" AND ")}` : "",
    parameters: applying.flatMap(([, ...parameters]) => parameters),
  };
}

/** Returns the condition that a text occurs in one of the columns. SQLite's LIKE ignores the case of ASCII letters. */
export function contains(columns: readonly string[], text: string | undefined): Condition {
  const pattern = text === undefined ? undefined : `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  const sql = columns.map((column) => `${column} LIKE ? ESCAPE '\\'`).join(" OR ");
  return [`(${sql})`, ...columns.map(() => pattern)];
}

/**
 * Conditions that a query may or may not have, as SQL.
 *
 * @module
 */
import type { Parameter } from "./database.ts";

/** A condition with `?` for its parameters; it is left out when the first of them is `undefined`. */
export type Condition = readonly [sql: string, ...parameters: Parameter[]];

/** The conditions that apply, as a WHERE clause with its parameters. */
export function where(conditions: readonly Condition[]): { sql: string; parameters: Parameter[] } {
  const applying = conditions.filter(([, first]) => first !== undefined);
  return {
    sql: applying.length > 0 ? `WHERE ${applying.map(([sql]) => sql).join(" AND ")}` : "",
    parameters: applying.flatMap(([, ...parameters]) => parameters),
  };
}

/** A condition that a text occurs in one of the columns; SQLite's LIKE ignores the case of ASCII letters. */
export function contains(columns: readonly string[], text: string | undefined): Condition {
  const pattern = text === undefined ? undefined : `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  const sql = columns.map((column) => `${column} LIKE ? ESCAPE '\\'`).join(" OR ");
  return [`(${sql})`, ...columns.map(() => pattern)];
}

/**
 * The parts from which statements are made: parameters, names, conditions.
 *
 * @module
 */
import type { Parameter, Values } from "../statements.ts";

/** A statement as it is sent. */
export interface ParsedSql {
  readonly text: string;
  /** The properties of a record that are its parameters, in their order. Empty: its parameters have no names. */
  readonly properties: readonly string[];
}

/** Numbers the parameters of a statement, whether they are written `?`, `?1` or `:atMs`. @param sign Comes before a number. */
export function parseSql(sql: string, sign: "?" | "$"): ParsedSql {
  const properties: string[] = [];
  let count = 0;
  const text = sql.replace(/\?(\d*)|(?<!:):([a-zA-Z]\w*)/g, (_, number: string, name?: string) => {
    if (name === undefined) return sign + (number || ++count);
    if (!properties.includes(name)) properties.push(name);
    return sign + (properties.indexOf(name) + 1);
  });
  return { text, properties };
}

/** Returns the parameters of a statement in their order. */
export function parametersOf({ properties }: ParsedSql, values: Values): readonly Parameter[] {
  if (properties.length === 0) return values as readonly Parameter[];
  const record = values[0] as Readonly<Record<string, Parameter>>;
  return properties.map((property) => record[property]);
}

/** There are some dozen columns, and many rows. */
const properties = new Map<string, string>();

/** Returns the property for a column: `atMs` for `at_ms`. */
export function propertyOf(column: string): string {
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

/** Returns the condition that a text occurs in one of the columns. @param like See {@linkcode Dialect.like}. */
export function contains(
  like: string,
  columns: readonly string[],
  text: string | undefined,
): Condition {
  const pattern = text === undefined ? undefined : `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  const sql = columns.map((column) => `${column} ${like} ? ESCAPE '\\'`).join(" OR ");
  return [`(${sql})`, ...columns.map(() => pattern)];
}

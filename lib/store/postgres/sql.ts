/**
 * The border between records and PostgreSQL: names, values, types.
 *
 * A column `at_ms` is the property `atMs`, and NULL is `undefined`. PostgreSQL takes no NUL in a text, so it is replaced.
 *
 * @module
 */
import { createHash } from "node:crypto";
import pg from "pg";
import type { Parameter } from "../shared_database.ts";

/** A statement as it is sent. */
export interface PreparedSql {
  /** Derived from the text, so that the same name never means another statement. */
  readonly name: string;
  readonly text: string;
  /** Properties of a record, in the order of `$1`, `$2`, … */
  readonly properties: readonly string[];
}

const prepared = new Map<string, PreparedSql>();

/** Returns a statement, where `:atMs` becomes a numbered parameter. Each text is looked at once. */
export function prepare(sql: string): PreparedSql {
  let statement = prepared.get(sql);
  if (!statement) {
    const properties: string[] = [];
    const text = sql.replace(/(?<!:):([a-zA-Z]\w*)/g, (_, property: string) => {
      if (!properties.includes(property)) properties.push(property);
      return `$${properties.indexOf(property) + 1}`;
    });
    const name = createHash("sha256").update(text).digest("base64url").slice(0, 22);
    statement = { name, text, properties };
    prepared.set(sql, statement);
  }
  return statement;
}

/** Returns the values of a record for the parameters of a statement. */
export function valuesOf({ properties }: PreparedSql, record: object): Parameter[] {
  const values = record as Readonly<Record<string, Parameter>>;
  return properties.map((property) => values[property]);
}

/** U+FFFD stands for what cannot be shown. */
const REPLACEMENT = "\uFFFD";

/** Converts a value for a parameter. */
export function toSql(value: Parameter): unknown {
  if (typeof value === "string") return cleaned(value);
  if (Array.isArray(value)) return value.map(toSql);
  return value ?? null;
}

function cleaned(text: string): string {
  return text.includes("\0") ? text.replaceAll("\0", REPLACEMENT) : text;
}

/** Converts a row to a record. */
export function toRecord(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const column in row) record[propertyOf(column)] = row[column] ?? undefined;
  return record;
}

const properties = new Map<string, string>();

function propertyOf(column: string): string {
  let property = properties.get(column);
  if (property === undefined) {
    property = column.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    properties.set(column, property);
  }
  return property;
}

/** Object ids of types whose values `pg` would return in another form. */
const OID = { int8: 20, bytea: 17 } as const;

/** Parses values: whole numbers as numbers (times and counts are far below 2⁵³), octets as plain arrays. */
export const TYPES: pg.CustomTypesConfig = {
  // deno-lint-ignore no-explicit-any -- the type of the package
  getTypeParser: (oid: number, format?: any): any => {
    if (format !== "binary" && oid === OID.int8) return Number;
    if (format !== "binary" && oid === OID.bytea) return octetsOf;
    return pg.types.getTypeParser(oid, format);
  },
};

/** PostgreSQL writes octets as `\x0102`, or, if its operator wants so, as `\001A\\`. */
function octetsOf(text: string): Uint8Array {
  if (text.startsWith("\\x")) return Uint8Array.fromHex(text.slice(2));
  const octets = text.matchAll(/\\(\d{3})|\\?([^])/g);
  return Uint8Array.from(
    octets,
    ([, octal, character]) => octal === undefined ? character!.charCodeAt(0) : parseInt(octal, 8),
  );
}

/** A condition with `?` for its parameters. It is left out when the first of them is `undefined`. */
export type Condition = readonly [sql: string, ...parameters: Parameter[]];

/** Returns the conditions that apply, as a WHERE clause with its parameters, numbered from 1. */
export function where(conditions: readonly Condition[]): { sql: string; parameters: Parameter[] } {
  const applying = conditions.filter(([, first]) => first !== undefined);
  const joined = applying.map(([sql]) => sql).join(" AND ");
  let number = 0;
  return {
    sql: joined === "" ? "" : `WHERE ${joined.replace(/\?/g, () => `$${++number}`)}`,
    parameters: applying.flatMap(([, ...parameters]) => parameters),
  };
}

/** Returns the condition that a text occurs in one of the columns, in any case of ASCII letters. */
export function contains(columns: readonly string[], text: string | undefined): Condition {
  const pattern = text === undefined ? undefined : `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  const sql = columns.map((column) => `${column} ILIKE ?`).join(" OR ");
  return [`(${sql})`, ...columns.map(() => pattern)];
}

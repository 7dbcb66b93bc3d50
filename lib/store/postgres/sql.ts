/**
 * Converts values between records and PostgreSQL.
 *
 * A column `at_ms` is the property `atMs`, and NULL is `undefined`. PostgreSQL accepts no NUL in a text, so it is replaced.
 *
 * @module
 */
import { createHash } from "node:crypto";
import pg from "pg";
import type { Dialect } from "../sql/database.ts";
import type { Parameter } from "../statements.ts";
import { type ParsedSql, parseSql, propertyOf } from "../sql/sql.ts";

/** Columns with names keep their case. `lower()` and ILIKE ignore the case of ASCII letters only, see `migrations.ts`. */
export const DIALECT: Dialect = {
  hasName: `lower(email) = lower(?1 COLLATE "C") OR lower(sign_in_name) = lower(?1 COLLATE "C")
    OR short_name = lower(?1 COLLATE "C")`,
  sortedEmail: "lower(email)",
  like: "ILIKE",
  oneOf: "= ANY(?::text[])",
  forUpdate: "FOR NO KEY UPDATE",
  skipLocked: "FOR UPDATE SKIP LOCKED",
  endTokenLease: ", lease_holder = NULL",
  endValueLease: ", lease_holder = NULL, failures = 0, paused_until = '-infinity'",
  indexedBy: () => "",
};

/** A statement as it is sent. */
export interface PreparedSql extends ParsedSql {
  /** Derived from the text, so that the same name never means another statement. */
  readonly name: string;
}

const prepared = new Map<string, PreparedSql>();

/** Returns a statement with numbered parameters. Each text is parsed once. */
export function prepare(sql: string): PreparedSql {
  let statement = prepared.get(sql);
  if (!statement) {
    const parsed = parseSql(sql, "$");
    const name = createHash("sha256").update(parsed.text).digest("base64url").slice(0, 22);
    statement = { ...parsed, name };
    prepared.set(sql, statement);
  }
  return statement;
}

/** U+FFFD, the replacement character. */
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

/** Object ids of types that `pg` would convert in another way. */
const OID = { int8: 20, bytea: 17 } as const;

/** Parses whole numbers as numbers (times and counts are far below 2⁵³), and octets as plain arrays. */
export const TYPES: pg.CustomTypesConfig = {
  // deno-lint-ignore no-explicit-any -- the type of the package
  getTypeParser: (oid: number, format?: any): any => {
    if (format !== "binary" && oid === OID.int8) return Number;
    if (format !== "binary" && oid === OID.bytea) return octetsOf;
    return pg.types.getTypeParser(oid, format);
  },
};

/** PostgreSQL writes octets as `\x0102`, or as `\001A\\` if it is configured to. */
function octetsOf(text: string): Uint8Array {
  if (text.startsWith("\\x")) return Uint8Array.fromHex(text.slice(2));
  const octets = text.matchAll(/\\(\d{3})|\\?([^])/g);
  return Uint8Array.from(
    octets,
    ([, octal, character]) => octal === undefined ? character!.charCodeAt(0) : parseInt(octal, 8),
  );
}

/**
 * The tables that both kinds of databases have.
 *
 * @module
 */
import { DELIVERY_COLUMNS } from "../sql/delayed_writes.ts";

/** The type of a column in PostgreSQL. SQLite stores a boolean as 0 or 1. */
export type ColumnType = "text" | "bigint" | "boolean" | "bytea" | "float8";

/** A table with its columns. The first one decides the order of the rows. */
export interface Table {
  readonly name: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** Whether the database generates the numbers of the first column. */
  readonly numbered?: boolean;
}

/** All tables, in an order in which each row comes after the row that it belongs to. */
export const TABLES: readonly Table[] = [
  {
    name: "accounts",
    columns: {
      id: "text",
      app_only: "boolean",
      tenant_id: "text",
      object_id: "text",
      sign_in_name: "text",
      sign_in_name_confirmed: "boolean",
      email: "text",
      email_verified: "boolean",
      display_name: "text",
      client_id: "text",
      is_invited: "boolean",
      short_name: "text",
      state: "text",
      state_reason: "text",
      state_since_ms: "bigint",
      created_at_ms: "bigint",
      signed_in_at_ms: "bigint",
      refreshed_at_ms: "bigint",
    },
  },
  { name: "tokens", columns: { account_id: "text", sealed: "bytea", version: "bigint" } },
  { name: "sealed_values", columns: { name: "text", sealed: "bytea", version: "bigint" } },
  {
    name: "app_passwords",
    columns: {
      id: "text",
      account_id: "text",
      hash: "bytea",
      name: "text",
      allowed_sender: "text",
      forced_sender: "boolean",
      allowed_recipients: "text",
      daily_limit: "bigint",
      client_addresses: "text",
      imported: "boolean",
      created_at_ms: "bigint",
      last_used_at_ms: "bigint",
      last_used_address: "text",
    },
  },
  {
    name: "web_sessions",
    columns: {
      id_hash: "bytea",
      account_id: "text",
      created_at_ms: "bigint",
      expires_at_ms: "bigint",
    },
  },
  {
    name: "deliveries",
    numbered: true,
    columns: {
      id: "bigint",
      ...DELIVERY_COLUMNS,
    },
  },
  {
    name: "admin_grants",
    columns: { hash: "bytea", kind: "text", expires_at_ms: "bigint" },
  },
  {
    name: "audit",
    numbered: true,
    columns: { id: "bigint", at_ms: "bigint", actor: "text", action: "text", subject: "text" },
  },
  { name: "secret_ends", columns: { client_id: "text", ends_at_ms: "bigint" } },
  {
    name: "invitations",
    columns: {
      id: "text",
      hash: "bytea",
      name: "text",
      created_at_ms: "bigint",
      expires_at_ms: "bigint",
      uses_left: "bigint",
    },
  },
  {
    name: "revocations",
    numbered: true,
    columns: { id: "bigint", account_id: "text", app_password_id: "text", is_change: "boolean" },
  },
];

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

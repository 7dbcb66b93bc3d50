/**
 * A PostgreSQL database as one end of a copy.
 *
 * @module
 */
import pg from "pg";
import type { DatabaseConfig } from "../../config/mod.ts";
import { clientSettings, nameOf } from "../postgres/database.ts";
import { toStoreError } from "../postgres/errors.ts";
import { migrate } from "../postgres/migrations.ts";
import { StoreError } from "../store.ts";
import { toSql } from "../postgres/sql.ts";
import { type CopyEnd, PAGE_ROWS, type Row, type Table, TABLES, type Value } from "./tables.ts";

const LIVING = `
  SELECT count(*) AS count FROM replicas WHERE seen_at > clock_timestamp() - interval '10 seconds'`;

/** Writers wait until the end of the copy. */
const LOCK = `LOCK TABLE ${TABLES.map(({ name }) => name).join(", ")} IN EXCLUSIVE MODE NOWAIT`;

/** How a copy uses the database. */
export type PostgresUse =
  /** Nothing else may write meanwhile. */
  | "read-alone"
  /** As it is at one moment, while the servers run. */
  | "read-snapshot"
  /** It has to be empty, and nothing else may write meanwhile. */
  | "write";

/** Opens a database. @throws {StoreError} */
export async function openPostgresEnd(config: DatabaseConfig, use: PostgresUse): Promise<CopyEnd> {
  const name = nameOf(config);
  const client = new pg.Client(clientSettings(config, config.ca));
  client.on("error", () => {}); // The statement under way fails, too.
  try {
    await client.connect();
    await migrate(client, name);
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    if (use !== "read-snapshot") await beAlone(client, name);
    if (use === "write") await checkEmpty(client, name);
    return new PostgresEnd(name, client);
  } catch (error) {
    await client.end();
    throw toStoreError(name, error);
  }
}

async function beAlone(client: pg.Client, name: string): Promise<void> {
  const { rows: [row] } = await client.query(LIVING);
  if (row.count > 0) {
    throw new StoreError(
      "locked",
      `${row.count} servers use the database ${name}. Stop them, wait ten seconds, and copy again.`,
    );
  }
  await client.query(LOCK);
}

async function checkEmpty(client: pg.Client, name: string): Promise<void> {
  for (const table of TABLES) {
    const { rows: [row] } = await client.query(`SELECT count(*) AS count FROM ${table.name}`);
    if (row.count === 0) continue;
    throw new StoreError(
      "conflict",
      `The database ${name} has ${row.count} rows in the table ${table.name} already. ` +
        "Copy into an empty database: nothing is overwritten.",
    );
  }
}

class PostgresEnd implements CopyEnd {
  readonly #client: pg.Client;

  constructor(readonly name: string, client: pg.Client) {
    this.#client = client;
  }

  async *pages({ name, columns }: Table): AsyncIterable<readonly Row[]> {
    const names = Object.keys(columns);
    const order = `ORDER BY ${names[0]}`;
    await this.#query(
      `DECLARE copied NO SCROLL CURSOR FOR SELECT ${names.join(", ")} FROM ${name} ${order}`,
    );
    for (;;) {
      const { rows } = await this.#query(`FETCH ${PAGE_ROWS} FROM copied`);
      if (rows.length === 0) break;
      yield rows.map((row) => names.map((column) => row[column] as Value));
    }
    await this.#query("CLOSE copied");
  }

  async write({ name, columns, numbered }: Table, rows: readonly Row[]): Promise<void> {
    const names = Object.keys(columns);
    const arrays = Object.values(columns).map((type, index) => `$${index + 1}::${type}[]`);
    const values = names.map((_, index) => rows.map((row) => toSql(row[index] ?? undefined)));
    await this.#query(
      `INSERT INTO ${name} (${names.join(", ")}) SELECT * FROM unnest(${arrays.join(", ")})`,
      values,
    );
    if (!numbered) return;
    const sequence = `pg_get_serial_sequence('${name}', '${names[0]}')`;
    await this.#query(`SELECT setval(${sequence}, max(${names[0]})) FROM ${name}`);
  }

  async close(isGood: boolean): Promise<void> {
    try {
      await this.#query(isGood ? "COMMIT" : "ROLLBACK");
    } finally {
      await this.#client.end();
    }
  }

  async #query(sql: string, values?: unknown[]): Promise<pg.QueryResult> {
    try {
      return await this.#client.query(sql, values);
    } catch (error) {
      throw toStoreError(this.name, error);
    }
  }
}

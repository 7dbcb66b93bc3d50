/**
 * A PostgreSQL database as the source or the target of a copy.
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
import {
  type CopyDatabase,
  PAGE_ROWS,
  type Row,
  type Table,
  TABLES,
  type Value,
} from "./tables.ts";

const LIVING = `
  SELECT count(*) AS count FROM replicas WHERE seen_at > clock_timestamp() - interval '10 seconds'`;

/** Writers have to wait until the copy is done. */
const LOCK = `LOCK TABLE ${TABLES.map(({ name }) => name).join(", ")} IN EXCLUSIVE MODE NOWAIT`;

/** How a copy uses the database. */
export type PostgresUse =
  /** Nothing else may use it. */
  | "read-alone"
  /** The copy shows its state at one moment. Servers may use it. */
  | "read-snapshot"
  /** It has to be empty, and nothing else may use it. */
  | "write";

/** Opens a database. @throws {StoreError} */
export async function openPostgres(
  config: DatabaseConfig,
  use: PostgresUse,
): Promise<CopyDatabase> {
  const name = nameOf(config);
  const client = new pg.Client(clientSettings(config, config.ca));
  client.on("error", () => {}); // The statement that is running fails, too.
  try {
    await client.connect();
    await migrate(client, name);
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    if (use !== "read-snapshot") await lockOthersOut(client, name);
    if (use === "write") await checkEmpty(client, name);
    return new PostgresCopyDatabase(name, client);
  } catch (error) {
    await client.end();
    throw toStoreError(name, error);
  }
}

async function lockOthersOut(client: pg.Client, name: string): Promise<void> {
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

class PostgresCopyDatabase implements CopyDatabase {
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

  async close(succeeded: boolean): Promise<void> {
    try {
      await this.#query(succeeded ? "COMMIT" : "ROLLBACK");
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

/**
 * Leases of values in the database: one replica renews a value, the others wait for it.
 *
 * A lease is valid while its holder is alive. The version of the value is the fencing token: a holder that was presumed dead
 * cannot replace the value that another replica has stored.
 *
 * @module
 */
import type { SharedDatabase } from "../store/mod.ts";
import type { LeaseClaim, TokenLease } from "../tokens/mod.ts";
import { ALIVE_SINCE } from "./heartbeat.ts";

/** A table whose rows have a version and a lease. */
interface LeasedTable {
  readonly name: "tokens" | "sealed_values";
  readonly key: "account_id" | "name";
}

/** Tokens of accounts, by the account's id. */
export const TOKENS: LeasedTable = { name: "tokens", key: "account_id" };
/** Values of the program, by their names. A value that does not exist yet can have a lease, in a row of version 0. */
export const VALUES: LeasedTable = { name: "sealed_values", key: "name" };

const ADD = `
  INSERT INTO sealed_values (name, sealed, version) VALUES ($1, '', 0) ON CONFLICT DO NOTHING`;

/** The condition on a row `l` that this replica (`$1`) may take its lease. */
export const IS_FREE = `(lease_holder IS NULL OR lease_holder = $1 OR NOT EXISTS (
  SELECT 1 FROM replicas r WHERE r.id = l.lease_holder AND r.seen_at > ${ALIVE_SINCE}))`;

function claimSql({ name, key }: LeasedTable): string {
  return `
  WITH claim AS (
    UPDATE ${name} l SET lease_holder = $1 WHERE ${key} = $2 AND version = $3 AND ${IS_FREE} RETURNING 1)
  SELECT EXISTS (SELECT 1 FROM claim) AS claimed, version FROM ${name} WHERE ${key} = $2`;
}

function releaseSql({ name, key }: LeasedTable): string {
  return `UPDATE ${name} SET lease_holder = NULL WHERE ${key} = $2 AND lease_holder = $1`;
}

/** The leases of one table. */
export class DatabaseLease implements TokenLease {
  readonly #database: SharedDatabase;
  readonly #holder: string;
  readonly #table: LeasedTable;
  /** Claims by their result, for the metrics. */
  readonly counts: Record<LeaseClaim, number> = { claimed: 0, held: 0, changed: 0 };

  /** @param holder The id of this replica. */
  constructor(database: SharedDatabase, holder: string, table = TOKENS) {
    this.#database = database;
    this.#holder = holder;
    this.#table = table;
  }

  async claim(id: string, version: number): Promise<LeaseClaim> {
    type Row = { readonly claimed: boolean; readonly version: number };
    if (this.#table === VALUES && version === 0) await this.addRow(id);
    const sql = claimSql(this.#table);
    const row = await this.#database.get<Row>(sql, this.#holder, id, version);
    const result = row?.claimed ? "claimed" : row?.version === version ? "held" : "changed";
    this.counts[result]++;
    return result;
  }

  /** Adds a row for the lease of a value that does not exist yet. */
  async addRow(name: string): Promise<void> {
    await this.#database.run(ADD, name);
  }

  async release(id: string): Promise<void> {
    await this.#database.run(releaseSql(this.#table), this.#holder, id);
  }
}

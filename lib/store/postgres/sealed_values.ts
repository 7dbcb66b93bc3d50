/**
 * Sealed values of the program itself in PostgreSQL.
 *
 * @module
 */
import type { SealedValue, SealedValueStore } from "../store.ts";
import type { PostgresDatabase } from "./database.ts";

/** A row of version 0 has nothing but a lease. */
const GET = "SELECT sealed, version FROM sealed_values WHERE name = $1 AND version > 0";

/** The fence: whoever has lost the lease meanwhile does not replace what another one has stored. */
const END_LEASE = "lease_holder = NULL, failures = 0, paused_until = '-infinity'";
const ADD = `
  INSERT INTO sealed_values AS v (name, sealed, version) VALUES ($1, $2, 1)
  ON CONFLICT (name) DO UPDATE SET sealed = $2, version = 1, ${END_LEASE} WHERE v.version = 0`;
const REPLACE = `
  UPDATE sealed_values SET sealed = $2, version = version + 1, ${END_LEASE} WHERE name = $1 AND version = $3`;

export class PostgresSealedValues implements SealedValueStore {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  async get(name: string): Promise<SealedValue | undefined> {
    return (await this.#database.all<SealedValue>(GET, name))[0];
  }

  async replace(name: string, sealed: Uint8Array, version: number): Promise<boolean> {
    const database = this.#database;
    return version === 0
      ? await database.run(ADD, name, sealed) > 0
      : await database.run(REPLACE, name, sealed, version) > 0;
  }
}

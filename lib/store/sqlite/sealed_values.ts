/**
 * Sealed values of the program itself in SQLite.
 *
 * @module
 */
import type { SealedValue, SealedValueStore } from "../store.ts";
import type { SqliteDatabase } from "./database.ts";

const GET = "SELECT sealed, version FROM sealed_values WHERE name = ?";
const ADD = `
  INSERT INTO sealed_values (name, sealed, version) VALUES (?, ?, 1) ON CONFLICT DO NOTHING`;
const REPLACE =
  "UPDATE sealed_values SET sealed = ?, version = version + 1 WHERE name = ? AND version = ?";

export class SqliteSealedValues implements SealedValueStore {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  get(name: string): Promise<SealedValue | undefined> {
    return Promise.try(() => this.#database.prepare<SealedValue>(GET).get(name));
  }

  replace(name: string, sealed: Uint8Array, version: number): Promise<boolean> {
    return Promise.try(() =>
      version === 0
        ? this.#database.prepare(ADD).run(name, sealed) > 0
        : this.#database.prepare(REPLACE).run(sealed, name, version) > 0
    );
  }
}

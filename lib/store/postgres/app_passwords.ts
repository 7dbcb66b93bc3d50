/**
 * The search for app passwords in PostgreSQL.
 *
 * @module
 */
import { type FoundRow, SELECT_FOUND, SqlAppPasswords } from "../sql/app_passwords.ts";
import type { DelayedWrites } from "../sql/delayed_writes.ts";
import type { PostgresDatabase } from "./database.ts";

/** Finds all hashes with one statement, which is prepared once. */
const FIND = `${SELECT_FOUND} WHERE hash = ANY(?::bytea[])`;

/** App passwords that are found with one round trip to the server. */
export class PostgresAppPasswords extends SqlAppPasswords {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase, writes: DelayedWrites) {
    super(database, writes);
    this.#database = database;
  }

  protected override async findRow(hashes: readonly Uint8Array[]): Promise<FoundRow | undefined> {
    const rows = await this.#database.all<FoundRow>(FIND, hashes);
    if (rows.length < 2) return rows[0];
    const placeOf = ({ hash }: FoundRow) => hashes.findIndex((one) => isSame(one, hash));
    return rows.sort((one, other) => placeOf(one) - placeOf(other))[0];
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((octet, at) => octet === other[at]);
}

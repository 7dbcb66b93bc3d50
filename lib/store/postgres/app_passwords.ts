/**
 * App passwords in PostgreSQL.
 *
 * @module
 */
import type {
  AddressedAppPassword,
  AppPassword,
  AppPasswordCount,
  AppPasswordRules,
  AppPasswordStore,
  AppPasswordUse,
  FoundAppPassword,
  NewAppPassword,
} from "../store.ts";
import {
  type AddressedRow,
  APP_PASSWORD_COLUMNS,
  byAccount,
  type CountRow,
  type FoundRow,
  LIST_ADDRESSED,
  namedRules,
  SELECT_APP_PASSWORDS,
  SELECT_COUNTS,
  SELECT_FOUND,
  SET_RULES,
  toAddressed,
  toFound,
} from "../app_password_rows.ts";
import type { PostgresBatch, Writer } from "./batch.ts";
import type { Statements } from "../shared_database.ts";
import type { PostgresDatabase } from "./database.ts";

/** One statement for a login, prepared once. */
const FIND = `
  ${SELECT_FOUND} WHERE hash = ANY($1::bytea[])`;

const INSERT = `
  INSERT INTO app_passwords (${APP_PASSWORD_COLUMNS}, hash)
  VALUES (:id, :accountId, :name, :allowedSender, :forcedSender, :allowedRecipients,
    :dailyLimit, :clientAddresses, :imported, :createdAtMs, :hash)`;

const COUNT_EACH = `${SELECT_COUNTS} WHERE account_id = ANY($1::text[]) GROUP BY account_id`;

const RECORD_USES = `
  UPDATE app_passwords SET last_used_at_ms = uses.at_ms, last_used_address = uses.address
  FROM unnest($1::text[], $2::bigint[], $3::text[]) AS uses (id, at_ms, address)
  WHERE app_passwords.id = uses.id`;

/** A password whose new hash exists already keeps its old one. */
const REHASH = `
  UPDATE app_passwords SET hash = $1
  WHERE id = $2 AND NOT EXISTS (SELECT 1 FROM app_passwords WHERE hash = $1)`;

export class PostgresAppPasswords implements AppPasswordStore {
  readonly #database: PostgresDatabase;
  readonly #batch: PostgresBatch;

  constructor(database: PostgresDatabase, batch: PostgresBatch) {
    this.#database = database;
    this.#batch = batch;
  }

  async find(hashes: readonly Uint8Array[]): Promise<FoundAppPassword | undefined> {
    const rows = await this.#database.all<FoundRow>(FIND, hashes);
    if (rows.length === 0) return undefined;
    const placeOf = ({ hash }: FoundRow) => hashes.findIndex((one) => isSame(one, hash));
    const [first] = rows.sort((one, other) => placeOf(one) - placeOf(other));
    return toFound(first!);
  }

  async listAddressed(): Promise<readonly AddressedAppPassword[]> {
    const rows = await this.#database.all<AddressedRow>(LIST_ADDRESSED);
    return rows.map(toAddressed);
  }

  async get(id: string): Promise<AppPassword | undefined> {
    return (await this.#database.all<AppPassword>(`${SELECT_APP_PASSWORDS} WHERE id = $1`, id))[0];
  }

  list(accountId: string): Promise<readonly AppPassword[]> {
    const sql = `${SELECT_APP_PASSWORDS} WHERE account_id = $1 ORDER BY created_at_ms, id`;
    return this.#database.all<AppPassword>(sql, accountId);
  }

  async countEach(accountIds: readonly string[]): Promise<ReadonlyMap<string, AppPasswordCount>> {
    return byAccount(await this.#database.all<CountRow>(COUNT_EACH, accountIds));
  }

  async add(appPassword: NewAppPassword): Promise<void> {
    await this.#database.runNamed(INSERT, appPassword);
  }

  async rename(id: string, name: string): Promise<boolean> {
    return await this.#database.run("UPDATE app_passwords SET name = $1 WHERE id = $2", name, id) >
      0;
  }

  async setRules(id: string, rules: AppPasswordRules): Promise<boolean> {
    return await this.#database.runNamed(SET_RULES, namedRules(id, rules)) > 0;
  }

  rehash(id: string, hash: Uint8Array): Promise<void> {
    return this.#batch.add(`rehash ${id}`, REHASHES, { id, hash });
  }

  async delete(id: string): Promise<boolean> {
    return await this.#database.run("DELETE FROM app_passwords WHERE id = $1", id) > 0;
  }

  recordUse(use: AppPasswordUse): Promise<void> {
    return this.#batch.add(`use ${use.appPasswordId}`, USES, use);
  }
}

async function recordUses(statements: Statements, uses: readonly AppPasswordUse[]): Promise<void> {
  // In one order everywhere, so that two replicas never wait for each other.
  const sorted = uses.toSorted((one, other) => one.appPasswordId < other.appPasswordId ? -1 : 1);
  await statements.run(
    RECORD_USES,
    sorted.map(({ appPasswordId }) => appPasswordId),
    sorted.map(({ atMs }) => atMs),
    sorted.map(({ address }) => address),
  );
}

/** A new hash of an app password. */
interface Rehash {
  readonly id: string;
  readonly hash: Uint8Array;
}

async function rehashAll(statements: Statements, changes: readonly Rehash[]): Promise<void> {
  for (const { id, hash } of changes) await statements.run(REHASH, hash, id);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((octet, at) => octet === other[at]);
}

const USES: Writer<AppPasswordUse> = { order: 2, write: recordUses };
const REHASHES: Writer<Rehash> = { order: 2, write: rehashAll };

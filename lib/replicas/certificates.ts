/**
 * One certificate for all replicas: one of them requests it, and each can answer the challenges of the certificate authority.
 *
 * @module
 */
import type { ChallengeAnswers, Turn, Turns } from "../certificates/mod.ts";
import type { SharedDatabase } from "../store/mod.ts";
import { type DatabaseLease, IS_FREE } from "./token_lease.ts";

const TAKE = `
  UPDATE sealed_values l SET lease_holder = $1
  WHERE name = $2 AND version = $3 AND ${IS_FREE} AND ($4 OR paused_until <= clock_timestamp())
  RETURNING failures`;
const FAIL = `
  UPDATE sealed_values SET lease_holder = NULL, failures = failures + 1,
    paused_until = clock_timestamp() + $3 * interval '1 millisecond'
  WHERE name = $2 AND lease_holder = $1`;

/** Turns to request a certificate, in the database and by its clock. */
export class DatabaseTurns implements Turns {
  readonly #database: SharedDatabase;
  readonly #replica: string;
  readonly #lease: DatabaseLease;

  constructor(database: SharedDatabase, replica: string, lease: DatabaseLease) {
    this.#database = database;
    this.#replica = replica;
    this.#lease = lease;
  }

  async take(name: string, version: number, force: boolean): Promise<Turn | undefined> {
    if (version === 0) await this.#lease.addRow(name);
    return await this.#database.get(TAKE, this.#replica, name, version, force);
  }

  async fail(name: string, pauseMs: number): Promise<void> {
    await this.#database.run(FAIL, this.#replica, name, pauseMs);
  }
}

const GET = "SELECT answer FROM acme_challenges WHERE token = $1";
const SET = `
  INSERT INTO acme_challenges (token, answer) VALUES ($1, $2)
  ON CONFLICT (token) DO UPDATE SET answer = $2, made_at = clock_timestamp()`;
const DELETE = "DELETE FROM acme_challenges WHERE token = $1";

/** Base64url (RFC 8555 section 8.3). Nothing else is looked up. */
const TOKEN = /^[\w-]{1,128}$/;

/** Answers to challenges in the database. */
export class DatabaseChallenges implements ChallengeAnswers {
  readonly #database: SharedDatabase;

  constructor(database: SharedDatabase) {
    this.#database = database;
  }

  async get(token: string): Promise<string | undefined> {
    if (!TOKEN.test(token)) return undefined;
    return (await this.#database.get<{ answer: string }>(GET, token))?.answer;
  }

  async set(token: string, answer: string): Promise<void> {
    await this.#database.run(SET, token, answer);
  }

  async delete(token: string): Promise<void> {
    await this.#database.run(DELETE, token);
  }
}

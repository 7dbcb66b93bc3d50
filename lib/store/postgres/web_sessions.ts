/**
 * Web sessions in PostgreSQL.
 *
 * @module
 */
import type { WebSession, WebSessionStore } from "../store.ts";
import type { PostgresDatabase } from "./database.ts";

const INSERT = `
  INSERT INTO web_sessions (id_hash, account_id, created_at_ms, expires_at_ms)
  VALUES (:idHash, :accountId, :createdAtMs, :expiresAtMs)`;
const GET = "SELECT * FROM web_sessions WHERE id_hash = $1 AND expires_at_ms > $2";
/** Several replicas may do this at the same time, and leave each other's rows alone. */
const DELETE_EXPIRED = `
  DELETE FROM web_sessions WHERE id_hash IN (
    SELECT id_hash FROM web_sessions WHERE expires_at_ms <= $1 FOR UPDATE SKIP LOCKED)`;

export class PostgresWebSessions implements WebSessionStore {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  async add(session: WebSession): Promise<void> {
    await this.#database.runNamed(INSERT, session);
  }

  async get(idHash: Uint8Array, nowMs: number): Promise<WebSession | undefined> {
    return (await this.#database.all<WebSession>(GET, idHash, nowMs))[0];
  }

  async delete(idHash: Uint8Array): Promise<void> {
    await this.#database.run("DELETE FROM web_sessions WHERE id_hash = $1", idHash);
  }

  deleteAll(accountId: string): Promise<number> {
    return this.#database.run("DELETE FROM web_sessions WHERE account_id = $1", accountId);
  }

  deleteExpired(nowMs: number): Promise<number> {
    return this.#database.run(DELETE_EXPIRED, nowMs);
  }
}

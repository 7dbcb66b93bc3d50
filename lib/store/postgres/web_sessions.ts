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
    await this.#deleteWhere("id_hash = $1", idHash);
  }

  deleteAll(accountId: string): Promise<number> {
    return this.#deleteWhere("account_id = $1", accountId);
  }

  deleteExpired(nowMs: number): Promise<number> {
    return this.#deleteWhere("expires_at_ms <= $1", nowMs);
  }

  #deleteWhere(condition: string, value: string | number | Uint8Array): Promise<number> {
    return this.#database.run(`DELETE FROM web_sessions WHERE ${condition}`, value);
  }
}

/**
 * Web sessions in SQLite.
 *
 * @module
 */
import type { WebSession, WebSessionStore } from "../store.ts";
import type { SqliteDatabase } from "./database.ts";

const INSERT = `
  INSERT INTO web_sessions (id_hash, account_id, created_at_ms, expires_at_ms)
  VALUES (:idHash, :accountId, :createdAtMs, :expiresAtMs)`;
const GET = "SELECT * FROM web_sessions WHERE id_hash = ? AND expires_at_ms > ?";

export class SqliteWebSessions implements WebSessionStore {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  add(session: WebSession): Promise<void> {
    return Promise.try(() => void this.#database.prepare(INSERT).runNamed(session));
  }

  get(idHash: Uint8Array, nowMs: number): Promise<WebSession | undefined> {
    return Promise.try(() => this.#database.prepare<WebSession>(GET).get(idHash, nowMs));
  }

  delete(idHash: Uint8Array): Promise<void> {
    return Promise.try(() => void this.#deleteWhere("id_hash = ?", idHash));
  }

  deleteAll(accountId: string): Promise<number> {
    return Promise.try(() => this.#deleteWhere("account_id = ?", accountId));
  }

  deleteExpired(nowMs: number): Promise<number> {
    return Promise.try(() => this.#deleteWhere("expires_at_ms <= ?", nowMs));
  }

  #deleteWhere(condition: string, value: string | number | Uint8Array): number {
    return this.#database.prepare(`DELETE FROM web_sessions WHERE ${condition}`).run(value);
  }
}

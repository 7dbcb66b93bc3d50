/**
 * Web sessions in SQLite.
 *
 * @module
 */
import type { WebSession, WebSessionStore } from "../store.ts";
import type { SqliteDatabase, Statement } from "./database.ts";

export class SqliteWebSessions implements WebSessionStore {
  readonly #insert: Statement;
  readonly #get: Statement<WebSession>;
  readonly #delete: Statement;
  readonly #deleteAll: Statement;
  readonly #deleteExpired: Statement;

  constructor(database: SqliteDatabase) {
    this.#insert = database.prepare(`
      INSERT INTO web_sessions (id_hash, account_id, created_at_ms, expires_at_ms)
      VALUES (:idHash, :accountId, :createdAtMs, :expiresAtMs)`);
    this.#get = database.prepare(
      "SELECT * FROM web_sessions WHERE id_hash = ? AND expires_at_ms > ?",
    );
    this.#delete = database.prepare("DELETE FROM web_sessions WHERE id_hash = ?");
    this.#deleteAll = database.prepare("DELETE FROM web_sessions WHERE account_id = ?");
    this.#deleteExpired = database.prepare("DELETE FROM web_sessions WHERE expires_at_ms <= ?");
  }

  add(session: WebSession): Promise<void> {
    return Promise.try(() => void this.#insert.runNamed(session));
  }

  get(idHash: Uint8Array, nowMs: number): Promise<WebSession | undefined> {
    return Promise.try(() => this.#get.get(idHash, nowMs));
  }

  delete(idHash: Uint8Array): Promise<void> {
    return Promise.try(() => void this.#delete.run(idHash));
  }

  deleteAll(accountId: string): Promise<number> {
    return Promise.try(() => this.#deleteAll.run(accountId));
  }

  deleteExpired(nowMs: number): Promise<number> {
    return Promise.try(() => this.#deleteExpired.run(nowMs));
  }
}

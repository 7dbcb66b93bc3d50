/**
 * Web sessions in SQLite.
 *
 * @module
 */
import type { WebSession, WebSessionStore } from "../store.ts";
import type { SqliteDatabase, Statement } from "./database.ts";

interface WebSessionRow {
  readonly id_hash: Uint8Array;
  readonly account_id: string;
  readonly created_at_ms: number;
  readonly expires_at_ms: number;
}

export class SqliteWebSessions implements WebSessionStore {
  readonly #insert: Statement<never>;
  readonly #get: Statement<WebSessionRow>;
  readonly #delete: Statement<never>;
  readonly #deleteAll: Statement<never>;
  readonly #deleteExpired: Statement<never>;

  constructor(database: SqliteDatabase) {
    this.#insert = database.prepare(`
      INSERT INTO web_sessions (id_hash, account_id, created_at_ms, expires_at_ms)
      VALUES (?, ?, ?, ?)`);
    this.#get = database.prepare(
      "SELECT * FROM web_sessions WHERE id_hash = ? AND expires_at_ms > ?",
    );
    this.#delete = database.prepare("DELETE FROM web_sessions WHERE id_hash = ?");
    this.#deleteAll = database.prepare("DELETE FROM web_sessions WHERE account_id = ?");
    this.#deleteExpired = database.prepare("DELETE FROM web_sessions WHERE expires_at_ms <= ?");
  }

  add({ idHash, accountId, createdAtMs, expiresAtMs }: WebSession): Promise<void> {
    return Promise.try(() => void this.#insert.run(idHash, accountId, createdAtMs, expiresAtMs));
  }

  get(idHash: Uint8Array, nowMs: number): Promise<WebSession | undefined> {
    return Promise.try(() => this.#get.all(idHash, nowMs).map(toWebSession)[0]);
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

function toWebSession(row: WebSessionRow): WebSession {
  return {
    idHash: row.id_hash,
    accountId: row.account_id,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
  };
}

/**
 * Sessions of signed-in browsers.
 *
 * @module
 */
import type { WebSession, WebSessionStore } from "../store.ts";
import type { SqlDatabase } from "./database.ts";

const INSERT = `
  INSERT INTO web_sessions (id_hash, account_id, created_at_ms, expires_at_ms)
  VALUES (:idHash, :accountId, :createdAtMs, :expiresAtMs)`;

/** The sessions in a database. */
export class SqlWebSessions implements WebSessionStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async add(session: WebSession): Promise<void> {
    await this.#database.run(INSERT, session);
  }

  get(idHash: Uint8Array, nowMs: number): Promise<WebSession | undefined> {
    const sql = "SELECT * FROM web_sessions WHERE id_hash = ? AND expires_at_ms > ?";
    return this.#database.get(sql, idHash, nowMs);
  }

  async delete(idHash: Uint8Array): Promise<void> {
    await this.#database.run("DELETE FROM web_sessions WHERE id_hash = ?", idHash);
  }

  deleteAll(accountId: string): Promise<number> {
    return this.#database.run("DELETE FROM web_sessions WHERE account_id = ?", accountId);
  }

  deleteExpired(nowMs: number): Promise<number> {
    const { skipLocked } = this.#database.dialect;
    return this.#database.run(
      `DELETE FROM web_sessions WHERE id_hash IN (
         SELECT id_hash FROM web_sessions WHERE expires_at_ms <= ? ${skipLocked})`,
      nowMs,
    );
  }
}

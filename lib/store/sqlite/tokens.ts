/**
 * Sealed tokens in SQLite.
 *
 * @module
 */
import type { SealedTokens, SignInReason, TokenStore } from "../store.ts";
import type { SqliteDatabase, Statement } from "./database.ts";

export class SqliteTokens implements TokenStore {
  readonly #database: SqliteDatabase;
  readonly #get: Statement<SealedTokens>;
  readonly #replace: Statement;
  readonly #setRefreshed: Statement;
  readonly #requireSignIn: Statement;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#get = database.prepare("SELECT sealed, version FROM tokens WHERE account_id = ?");
    this.#replace = database.prepare(
      "UPDATE tokens SET sealed = ?, version = version + 1 WHERE account_id = ? AND version = ?",
    );
    this.#setRefreshed = database.prepare("UPDATE accounts SET refreshed_at_ms = ? WHERE id = ?");
    this.#requireSignIn = database.prepare(`
      UPDATE accounts SET state = 'sign-in-required', state_reason = ?1, state_since_ms = ?2
      WHERE id = ?3 AND state = 'active'
        AND EXISTS (SELECT 1 FROM tokens WHERE account_id = ?3 AND version = ?4)`);
  }

  get(accountId: string): Promise<SealedTokens | undefined> {
    return Promise.try(() => this.#get.get(accountId));
  }

  replace(
    accountId: string,
    { sealed, version }: SealedTokens,
    refreshedAtMs?: number,
  ): Promise<boolean> {
    return Promise.try(() =>
      this.#database.transaction(() => {
        const replaced = this.#replace.run(sealed, accountId, version) > 0;
        if (replaced && refreshedAtMs !== undefined) {
          this.#setRefreshed.run(refreshedAtMs, accountId);
        }
        return replaced;
      })
    );
  }

  requireSignIn(accountId: string, { version, reason, atMs }: SignInReason): Promise<boolean> {
    return Promise.try(() => this.#requireSignIn.run(reason, atMs, accountId, version) > 0);
  }
}

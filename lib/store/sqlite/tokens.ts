/**
 * Sealed tokens in SQLite.
 *
 * @module
 */
import type { Refresh, SealedTokens, SignInReason, TokenStore } from "../store.ts";
import type { SqliteDatabase } from "./database.ts";

const GET = "SELECT sealed, version FROM tokens WHERE account_id = ?";
const REPLACE =
  "UPDATE tokens SET sealed = ?, version = version + 1 WHERE account_id = ? AND version = ?";
const SET_REFRESHED = `
  UPDATE accounts SET refreshed_at_ms = :refreshedAtMs,
    sign_in_name = coalesce(:signInName, sign_in_name),
    sign_in_name_confirmed = sign_in_name_confirmed OR :signInName IS NOT NULL,
    email = coalesce(:email, email), email_verified = coalesce(:emailVerified, email_verified)
  WHERE id = :accountId`;
const REQUIRE_SIGN_IN = `
  UPDATE accounts SET state = 'sign-in-required', state_reason = :reason, state_since_ms = :atMs
  WHERE id = :accountId AND state <> 'sign-in-required'
    AND EXISTS (SELECT 1 FROM tokens WHERE account_id = :accountId AND version = :version)`;

export class SqliteTokens implements TokenStore {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  get(accountId: string): Promise<SealedTokens | undefined> {
    return Promise.try(() => this.#database.prepare<SealedTokens>(GET).get(accountId));
  }

  replace(
    accountId: string,
    { sealed, version }: SealedTokens,
    refresh?: Refresh,
  ): Promise<boolean> {
    const database = this.#database;
    return Promise.try(() =>
      database.transaction(() => {
        const replaced = database.prepare(REPLACE).run(sealed, accountId, version) > 0;
        if (replaced && refresh) {
          const { refreshedAtMs, signInName, email, emailVerified } = refresh;
          const names = { signInName, email, emailVerified };
          database.prepare(SET_REFRESHED).runNamed({ refreshedAtMs, ...names, accountId });
        }
        return replaced;
      })
    );
  }

  requireSignIn(accountId: string, because: SignInReason): Promise<boolean> {
    return Promise.try(() =>
      this.#database.prepare(REQUIRE_SIGN_IN).runNamed({ accountId, ...because }) > 0
    );
  }
}

/**
 * Sealed tokens in PostgreSQL.
 *
 * @module
 */
import type { Refresh, SealedTokens, SignInReason, TokenStore } from "../store.ts";
import type { PostgresDatabase } from "./database.ts";

const GET = "SELECT sealed, version FROM tokens WHERE account_id = $1";

/** A sign-in and a deletion lock the account before its tokens, too: in another order they would wait for each other. */
const LOCK_ACCOUNT = "SELECT 1 AS one FROM accounts WHERE id = $1 FOR NO KEY UPDATE";

/** The fence: whoever has lost the lease meanwhile does not replace what another one has stored. */
const REPLACE = `
  UPDATE tokens SET sealed = $1, version = version + 1, lease_holder = NULL
  WHERE account_id = $2 AND version = $3`;

const SET_REFRESHED = `
  UPDATE accounts SET refreshed_at_ms = :refreshedAtMs,
    sign_in_name = coalesce(:signInName::text, sign_in_name),
    sign_in_name_confirmed = sign_in_name_confirmed OR :signInName::text IS NOT NULL,
    email = coalesce(:email::text, email),
    email_verified = coalesce(:emailVerified::boolean, email_verified)
  WHERE id = :accountId`;

const REQUIRE_SIGN_IN = `
  UPDATE accounts SET state = 'sign-in-required', state_reason = :reason, state_since_ms = :atMs
  WHERE id = :accountId AND state <> 'sign-in-required'
    AND EXISTS (SELECT 1 FROM tokens WHERE account_id = :accountId AND version = :version)`;

export class PostgresTokens implements TokenStore {
  readonly #database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.#database = database;
  }

  async get(accountId: string): Promise<SealedTokens | undefined> {
    return (await this.#database.all<SealedTokens>(GET, accountId))[0];
  }

  replace(
    accountId: string,
    { sealed, version }: SealedTokens,
    refresh?: Refresh,
  ): Promise<boolean> {
    return this.#database.transaction(async (statements) => {
      if (refresh) await statements.all(LOCK_ACCOUNT, accountId);
      const replaced = await statements.run(REPLACE, sealed, accountId, version) > 0;
      if (replaced && refresh) {
        await statements.runNamed(SET_REFRESHED, { ...refresh, accountId });
      }
      return replaced;
    });
  }

  async requireSignIn(accountId: string, because: SignInReason): Promise<boolean> {
    return await this.#database.runNamed(REQUIRE_SIGN_IN, { accountId, ...because }) > 0;
  }
}

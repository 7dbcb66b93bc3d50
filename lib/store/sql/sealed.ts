/**
 * Sealed tokens of accounts, and sealed values of the program itself. Their version is the fence: a replica that has lost its
 * lease does not replace what another one has stored.
 *
 * @module
 */
import type {
  Refresh,
  SealedTokens,
  SealedValue,
  SealedValueStore,
  SignInReason,
  TokenStore,
} from "../store.ts";
import type { Dialect, SqlDatabase } from "./database.ts";

const GET_TOKENS = "SELECT sealed, version FROM tokens WHERE account_id = ?";

/** A sign-in and a deletion lock the account before its tokens, too: in another order they would wait for each other. */
const LOCK_ACCOUNT = ({ forUpdate }: Dialect) =>
  `SELECT 1 AS one FROM accounts WHERE id = ? ${forUpdate}`;

const REPLACE_TOKENS = ({ endTokenLease }: Dialect) => `
  UPDATE tokens SET sealed = :sealed, version = version + 1 ${endTokenLease}
  WHERE account_id = :accountId AND version = :version RETURNING 1 AS one`;

/** Only if these tokens were stored: a seal is unique. */
const SET_REFRESHED = `
  UPDATE accounts SET refreshed_at_ms = :refreshedAtMs,
    sign_in_name = coalesce(:signInName, sign_in_name),
    sign_in_name_confirmed = sign_in_name_confirmed OR :signInName IS NOT NULL,
    email = coalesce(:email, email), email_verified = coalesce(:emailVerified, email_verified)
  WHERE id = :accountId
    AND EXISTS (SELECT 1 FROM tokens WHERE account_id = :accountId AND sealed = :sealed)`;

const REQUIRE_SIGN_IN = `
  UPDATE accounts SET state = 'sign-in-required', state_reason = :reason, state_since_ms = :atMs
  WHERE id = :accountId AND state <> 'sign-in-required'
    AND EXISTS (SELECT 1 FROM tokens WHERE account_id = :accountId AND version = :version)`;

/** The tokens of a database. */
export class SqlTokens implements TokenStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  get(accountId: string): Promise<SealedTokens | undefined> {
    return this.#database.get(GET_TOKENS, accountId);
  }

  async replace(
    accountId: string,
    { sealed, version }: SealedTokens,
    refresh?: Refresh,
  ): Promise<boolean> {
    const { dialect } = this.#database;
    const replace = [REPLACE_TOKENS(dialect), { accountId, sealed, version }] as const;
    if (!refresh) return await this.#database.get(...replace) !== undefined;
    const [, replaced] = await this.#database.transact([
      [LOCK_ACCOUNT(dialect), accountId],
      replace,
      [SET_REFRESHED, { ...refresh, accountId, sealed }],
    ]);
    return replaced!.length > 0;
  }

  async requireSignIn(accountId: string, because: SignInReason): Promise<boolean> {
    return await this.#database.run(REQUIRE_SIGN_IN, { accountId, ...because }) > 0;
  }
}

/** In PostgreSQL, a row of version 0 has nothing but a lease. */
const GET_VALUE = "SELECT sealed, version FROM sealed_values WHERE name = ? AND version > 0";
const ADD_VALUE = ({ endValueLease }: Dialect) => `
  INSERT INTO sealed_values AS v (name, sealed, version) VALUES (?1, ?2, 1)
  ON CONFLICT (name) DO UPDATE SET sealed = ?2, version = 1 ${endValueLease} WHERE v.version = 0`;
const REPLACE_VALUE = ({ endValueLease }: Dialect) => `
  UPDATE sealed_values SET sealed = ?2, version = version + 1 ${endValueLease}
  WHERE name = ?1 AND version = ?3`;

/** The program's own values in a database. */
export class SqlSealedValues implements SealedValueStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  get(name: string): Promise<SealedValue | undefined> {
    return this.#database.get(GET_VALUE, name);
  }

  async replace(name: string, sealed: Uint8Array, version: number): Promise<boolean> {
    const database = this.#database;
    const changed = version === 0
      ? database.run(ADD_VALUE(database.dialect), name, sealed)
      : database.run(REPLACE_VALUE(database.dialect), name, sealed, version);
    return await changed > 0;
  }
}

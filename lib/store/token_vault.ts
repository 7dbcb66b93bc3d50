/**
 * Tokens of accounts, sealed before they reach the database and opened when they are read.
 *
 * @module
 */
import type {
  AccountRecord,
  ConfirmedNames,
  Identity,
  SignedInAccount,
  SignInRecord,
  Store,
} from "./store.ts";
import type { Secrets } from "../crypto/mod.ts";

/** Tokens that Microsoft has issued for an account (RFC 6749 section 5.1). */
export interface TokenSet {
  /** Empty when there is none yet: then {@linkcode TokenSet.accessTokenExpiresAtMs} is 0. */
  readonly accessToken: string;
  readonly accessTokenExpiresAtMs: number;
  readonly refreshToken: string;
  /** The time at which the refresh token was issued. */
  readonly obtainedAtMs: number;
  /** The previous refresh token, in case the new one does not work. Absent: it is the same one. */
  readonly formerRefreshToken?: string;
}

/** Tokens from the database, with their version for {@linkcode TokenVault.replace}. */
export interface StoredTokens {
  readonly tokens: TokenSet;
  readonly version: number;
}

const PURPOSE = "tokens";

/** Reads and writes {@linkcode TokenSet}s. */
export class TokenVault {
  readonly #store: Store;
  readonly #secrets: Secrets;

  constructor(store: Store, secrets: Secrets) {
    this.#store = store;
    this.#secrets = secrets;
  }

  /** Stores the result of a sign-in, see `AccountStore.recordSignIn()`. */
  recordSignIn(signIn: SignInRecord, tokens: TokenSet): Promise<SignedInAccount> {
    return this.#store.accounts.recordSignIn(signIn, this.#seal(signIn, tokens));
  }

  /**
   * Returns the tokens of an account. Tokens that were sealed with an old secret are sealed again.
   *
   * @throws {SecretError} if no configured secret opens them; they stay unchanged.
   */
  async load(account: AccountRecord): Promise<StoredTokens | undefined> {
    const row = await this.#store.tokens.get(account.id);
    if (!row) return undefined;
    const opened = this.#secrets.open(PURPOSE, rowOf(account), row.sealed);
    const tokens = JSON.parse(new TextDecoder().decode(opened.plaintext)) as TokenSet;
    if (!opened.stale) return { tokens, version: row.version };
    const sealed = this.#seal(account, tokens);
    const replaced = await this.#store.tokens.replace(account.id, { sealed, version: row.version });
    return { tokens, version: replaced ? row.version + 1 : row.version };
  }

  /**
   * Stores refreshed tokens; false if newer ones are stored already, which the caller then has to load.
   *
   * @param version As returned by {@linkcode TokenVault.load}.
   * @param names Confirmed by the refresh. Absent: the stored ones stay.
   */
  replace(
    account: AccountRecord,
    tokens: TokenSet,
    version: number,
    names: ConfirmedNames = {},
  ): Promise<boolean> {
    const sealed = this.#seal(account, tokens);
    const { signInName, email, emailVerified } = names;
    const refresh = { refreshedAtMs: tokens.obtainedAtMs, signInName, email, emailVerified };
    return this.#store.tokens.replace(account.id, { sealed, version }, refresh);
  }

  #seal(identity: Identity, tokens: TokenSet): Uint8Array {
    const plaintext = new TextEncoder().encode(JSON.stringify(tokens));
    return this.#secrets.seal(PURPOSE, rowOf(identity), plaintext);
  }
}

/** Returns the context of a seal. A value that is moved to the row of another account does not open there. */
function rowOf(identity: Identity): string {
  return `${identity.tenantId}/${identity.objectId}`;
}

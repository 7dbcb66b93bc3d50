/**
 * The tokens of an account, sealed before they reach the database and opened after they leave it.
 *
 * @module
 */
import type { AccountRecord, Identity, SignedInAccount, SignInRecord, Store } from "./store.ts";
import type { Secrets } from "../crypto/mod.ts";

/** The tokens that Microsoft has issued for an account (RFC 6749 section 5.1). */
export interface TokenSet {
  /** Empty when there is none yet: then {@linkcode TokenSet.accessTokenExpiresAtMs} is 0. */
  readonly accessToken: string;
  readonly accessTokenExpiresAtMs: number;
  readonly refreshToken: string;
  /** When the refresh token was issued. */
  readonly obtainedAtMs: number;
}

/** Tokens as they were read, with the version that a writer has to show. */
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

  /** Keeps the result of a sign-in, see {@linkcode AccountStore.recordSignIn}. */
  recordSignIn(signIn: SignInRecord, tokens: TokenSet): Promise<SignedInAccount> {
    return this.#store.accounts.recordSignIn(signIn, this.#seal(signIn, tokens));
  }

  /**
   * The tokens of an account; sealed anew in passing when an old secret had sealed them.
   *
   * @throws {SecretError} when no configured secret opens them; they stay untouched.
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
   * Keeps refreshed tokens.
   *
   * @param version The version that {@linkcode TokenVault.load} gave.
   * @returns Whether they were kept. If not, newer ones are there: load them.
   */
  replace(account: AccountRecord, tokens: TokenSet, version: number): Promise<boolean> {
    const sealed = this.#seal(account, tokens);
    return this.#store.tokens.replace(account.id, { sealed, version }, tokens.obtainedAtMs);
  }

  #seal(identity: Identity, tokens: TokenSet): Uint8Array {
    const plaintext = new TextEncoder().encode(JSON.stringify(tokens));
    return this.#secrets.seal(PURPOSE, rowOf(identity), plaintext);
  }
}

/** The context to which the seal is bound: a blob that is moved to another account's row does not open there. */
function rowOf(identity: Identity): string {
  return `${identity.tenantId}/${identity.objectId}`;
}

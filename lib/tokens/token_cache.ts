/**
 * The token cache: the tokens of one account in memory, kept in step with the database.
 *
 * @module
 */
import type { Timer } from "../base/mod.ts";
import { MicrosoftError, type RefreshedTokens } from "../microsoft/mod.ts";
import type { AccountRecord, StoredTokens, TokenSet } from "../store/mod.ts";
import type { TokenDependencies } from "./access_token.ts";
import { claimRenewal, releaseLease, SAVE_INTERVAL_MS } from "./lease.ts";

/** The reason where the database gives none. */
const UNKNOWN_REASON = "invalid_grant";

/** One account's tokens: read from the database when first needed, written to it whenever they change. */
export class TokenCache {
  readonly #options: TokenDependencies;
  readonly #id: string;
  #account: AccountRecord | undefined;
  /** As the database has them. */
  #stored: StoredTokens | undefined;
  /** Newer than those of the database, since it could not be written. */
  #unsaved: TokenSet | undefined;
  /** Tokens that are known to be dead, even if the database could not be told. */
  #refused: { readonly version: number; readonly reason: string } | undefined;
  #loading: Promise<void> | undefined;
  #nextSave: Timer | undefined;

  constructor(accountId: string, options: TokenDependencies, account?: AccountRecord) {
    this.#id = accountId;
    this.#options = options;
    this.#account = account;
  }

  /** The account as it was last read; undefined: not read yet, or deleted. */
  get account(): AccountRecord | undefined {
    return this.#account;
  }

  /** The newest tokens; undefined until they are loaded. */
  get tokens(): TokenSet | undefined {
    return this.#unsaved ?? this.#stored?.tokens;
  }

  /** Whether the database has everything, and nothing is being read. */
  get isSettled(): boolean {
    return this.#unsaved === undefined && this.#loading === undefined;
  }

  /** The reason why the owner has to sign in again; undefined: no need. */
  get refusal(): string | undefined {
    if (this.#account?.state === "sign-in-required") {
      return this.#account.stateReason ?? UNKNOWN_REASON;
    }
    const dead = this.#refused !== undefined && this.#refused.version === this.#stored?.version;
    return dead ? this.#refused?.reason : undefined;
  }

  /**
   * Reads the account and its tokens.
   *
   * @throws {StoreError}
   * @throws {SecretError} when no configured secret opens them.
   */
  load(): Promise<void> {
    this.#loading ??= this.#load().finally(() => this.#loading = undefined);
    return this.#loading;
  }

  /**
   * Fetches new tokens with the refresh token of the database and stores them. Only when that one is dead, others are
   * tried: a newer one that could not be stored, and the one before. No token is used before an attempt to store it, and none
   * is given up while another one may work.
   *
   * @returns false if another replica has done it.
   * @throws {MicrosoftError} of the request.
   */
  async renew(request: (refreshToken: string) => Promise<RefreshedTokens>): Promise<boolean> {
    await this.flush();
    if (!await this.#claim()) return false;
    try {
      await this.#renew(request);
      return true;
    } catch (error) {
      await releaseLease(this.#options.lease, this.#id);
      throw error;
    }
  }

  async #renew(request: (refreshToken: string) => Promise<RefreshedTokens>): Promise<void> {
    const { refreshToken, formerRefreshToken } = this.#stored!.tokens;
    const unsaved = this.#unsaved?.refreshToken;
    let failure: unknown;
    for (const candidate of [refreshToken, unsaved, formerRefreshToken]) {
      if (candidate === undefined) continue;
      try {
        return await this.#keep(await request(candidate), candidate);
      } catch (error) {
        if (!isDead(error)) throw error;
        failure ??= error;
      }
    }
    throw failure;
  }

  /** Waits for the right to renew; false if another replica has renewed meanwhile. */
  async #claim(): Promise<boolean> {
    const { lease, clock } = this.#options;
    if (!lease) return this.#stored !== undefined;
    return await claimRenewal({
      ...{ lease, clock, id: this.#id },
      known: () => ({ version: this.#stored?.version, tokens: this.tokens }),
      load: () => this.load(),
    });
  }

  /** Notes that the tokens are dead, unless newer ones have appeared meanwhile. */
  async refuse(reason: string): Promise<void> {
    const { store, clock, reporter } = this.#options;
    const { version } = this.#stored!;
    this.#refused = { version, reason };
    try {
      const atMs = clock.now();
      await store.tokens.requireSignIn(this.#id, { version, reason, atMs });
      await this.load();
    } catch (error) {
      reporter.storeFailed(error);
    }
    if (this.refusal && this.#account) reporter.signInRequired(this.#account, this.refusal);
  }

  /** Tries once more to store tokens that could not be stored. */
  async flush(): Promise<void> {
    if (this.#unsaved) await this.#save(this.#unsaved);
  }

  /** Stores what is left, without another attempt later. */
  async close(): Promise<void> {
    await this.flush();
    this.#nextSave?.cancel();
  }

  async #load(): Promise<void> {
    const { store, vault, reporter } = this.#options;
    const refused = this.refusal !== undefined;
    const account = await store.accounts.get(this.#id);
    const stored = account && await vault.load(account);
    if (stored?.version !== this.#stored?.version) this.#unsaved = undefined;
    this.#account = account;
    this.#stored = stored;
    if (refused && this.refusal === undefined) reporter.signedInAgain(this.#id);
  }

  /** Stores new tokens. They are of use even when that fails. @param used The refresh token that they came for. */
  async #keep({ refreshToken, names, ...access }: RefreshedTokens, used: string): Promise<void> {
    const isNew = refreshToken !== undefined && refreshToken !== used;
    await this.#save({
      ...access,
      refreshToken: refreshToken ?? used,
      obtainedAtMs: refreshToken === undefined
        ? this.tokens!.obtainedAtMs
        : this.#options.clock.now(),
      formerRefreshToken: isNew ? used : this.tokens!.formerRefreshToken,
    }, this.#ownNames(names));
  }

  /** An account may be renamed, and older versions of this program did not know the sign-in name. */
  #ownNames(names: RefreshedTokens["names"]): RefreshedTokens["names"] {
    const { tenantId, objectId } = this.#account!;
    return names?.tenantId === tenantId && names.objectId === objectId ? names : undefined;
  }

  async #save(tokens: TokenSet, names?: RefreshedTokens["names"]): Promise<void> {
    const { vault, reporter } = this.#options;
    const { version } = this.#stored!;
    this.#nextSave?.cancel();
    try {
      if (!await vault.replace(this.#account!, tokens, version, names)) return await this.load();
      this.#stored = { tokens, version: version + 1 };
      this.#unsaved = undefined;
      reporter.stored();
      this.#account = { ...this.#account!, ...names, refreshedAtMs: tokens.obtainedAtMs };
    } catch (error) {
      this.#unsaved = tokens;
      reporter.storeFailed(error);
      this.#nextSave = this.#options.clock.setTimer(SAVE_INTERVAL_MS, () => void this.flush());
    }
  }
}

/** Whether a refresh token is dead for good. */
export function isDead(error: unknown): error is MicrosoftError {
  return error instanceof MicrosoftError && error.failure === "sign-in-required";
}

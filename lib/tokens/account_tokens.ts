/**
 * The access token of one account: handed out from the cache, renewed ahead of need, by one request at a time.
 *
 * @module
 */
import { LoginError } from "../../smtp/mod.ts";
import { type Clock, MINUTE_MS, SECOND_MS } from "../base/mod.ts";
import { SecretError } from "../crypto/mod.ts";
import { explainReason, signInRequiredText } from "../explain/mod.ts";
import { type Microsoft, MicrosoftError, type MicrosoftFailure } from "../microsoft/mod.ts";
import { type AccountRecord, StoreError } from "../store/mod.ts";
import type { BackoffLimits, Random } from "./backoff.ts";
import type { CircuitBreakers } from "./circuit_breaker.ts";
import { condition, RenewalSchedule } from "./renewal_schedule.ts";
import { TokenCache, type TokenCacheOptions } from "./token_cache.ts";

/** Dependencies that all accounts share. */
export interface AccountTokensOptions extends TokenCacheOptions {
  readonly microsoft: Pick<Microsoft, "refresh">;
  readonly breakers: CircuitBreakers;
  readonly clock: Clock;
  readonly random: Random;
  /** Address of the web pages, where it is known. */
  readonly publicUrl?: string;
}

/** The state of an account's tokens. */
export interface TokenStatus {
  /** `delayed`: the last renewal failed and is going to be repeated. */
  readonly state: "ok" | "delayed" | "sign-in-required";
  /** Milliseconds since the epoch; absent: no access token in memory. */
  readonly accessTokenExpiresAtMs?: number;
  /** Absent: none is planned. */
  readonly nextRenewalAtMs?: number;
}

/** A mail client waits no longer than this for a token: Gmail allows 10 seconds for the whole login. */
const PATIENCE_MS = 5 * SECOND_MS;
/** A token that is refused although it is so new is not replaced: the next one would fare no better. */
const NEW_TOKEN_MS = MINUTE_MS;

const DEFAULT_LIMITS: BackoffLimits = { firstMs: SECOND_MS, maxMs: MINUTE_MS };
/** A refusal that we do not understand is the account's own, and may last. */
const LIMITS: Readonly<Partial<Record<MicrosoftFailure, BackoffLimits>>> = {
  refused: { firstMs: MINUTE_MS, maxMs: 60 * MINUTE_MS },
};

const UNAVAILABLE = "The sign-in service is not available at the moment; try again later";
const NOT_OPENED = "The proxy cannot open the stored sign-in; ask its operator";
const STORE_FAILING = "The proxy cannot read its database at the moment; try again later";

/** Hands out and renews one account's access token. */
export class AccountTokens {
  readonly #options: AccountTokensOptions;
  readonly #cache: TokenCache;
  readonly #schedule: RenewalSchedule;
  #lastError: unknown;
  #renewal: Promise<void> | undefined;
  #issuedAtMs = 0;

  /**
   * @param account The account, if it has been read already.
   * @param lastUsedAtMs The last login of a client, as far as is known.
   */
  constructor(
    id: string,
    options: AccountTokensOptions,
    account?: AccountRecord,
    lastUsedAtMs = 0,
  ) {
    const { clock, random } = options;
    this.#options = options;
    this.#cache = new TokenCache(id, options, account);
    this.#schedule = new RenewalSchedule(clock, random, lastUsedAtMs, () => void this.#renew());
  }

  get status(): TokenStatus {
    const delayed = this.#lastError !== undefined;
    return {
      state: this.#cache.refusal ? "sign-in-required" : delayed ? "delayed" : "ok",
      accessTokenExpiresAtMs: this.#cache.tokens?.accessTokenExpiresAtMs,
      nextRenewalAtMs: this.#schedule.nextAtMs,
    };
  }

  /** Begins to renew ahead of need. @param spreadMs An overdue renewal comes within this time. */
  async start(spreadMs: number): Promise<void> {
    if (this.#schedule.isActive) await this.#load();
    this.#plan(spreadMs);
  }

  /** Whether there is nothing to do before this time unless a client logs in, and nothing is under way. */
  isIdleUntil(timeMs: number): boolean {
    const { isActive, nextAtMs = Infinity } = this.#schedule;
    return !isActive && !this.#renewal && this.#cache.isSettled && nextAtMs > timeMs;
  }

  /** Stops renewing. Resolves when the tokens on their way have been stored. */
  async stop(): Promise<void> {
    this.#schedule.stop();
    await this.#renewal;
    await this.#cache.flush();
  }

  /** See `TokenSource` in `smtp/backend.ts`. */
  async accessToken(rejected?: string): Promise<string> {
    const cache = this.#cache;
    if (!cache.tokens || cache.refusal) await this.#load();
    if (!cache.tokens || cache.refusal) throw this.#loginError();
    if (this.#schedule.noteUse()) this.#plan(0);
    let token = this.#usable("fresh", rejected);
    if (token === undefined) {
      await this.#patiently(this.#renew());
      token = this.#usable("stale", rejected);
    }
    if (token === undefined) throw this.#loginError();
    return token;
  }

  /** Renews, unless that has just failed. Never rejects: the outcome shows in the cache. */
  #renew(): Promise<void> {
    const { reporter } = this.#options;
    this.#renewal ??= this.#tryToRenew().catch((error) => reporter.unexpected(error))
      .finally(() => {
        this.#renewal = undefined;
        this.#plan();
      });
    return this.#renewal;
  }

  async #tryToRenew(): Promise<void> {
    if (!this.#cache.tokens) await this.#load();
    const { account, tokens, refusal } = this.#cache;
    if (!account || !tokens || refusal || this.#schedule.isPausing) return;
    const { microsoft, breakers, clock, reporter } = this.#options;
    const { clientId } = account;
    try {
      await this.#cache.renew((refreshToken) =>
        breakers.of(clientId).run(() => microsoft.refresh(clientId, refreshToken))
      );
      this.#issuedAtMs = clock.now();
      this.#schedule.succeed();
      this.#lastError = undefined;
      reporter.renewed(account);
    } catch (error) {
      this.#lastError = error;
      if (isDead(error)) return await this.#cache.refuse(error.code);
      const limits = error instanceof MicrosoftError ? LIMITS[error.failure] : undefined;
      this.#schedule.fail(limits ?? DEFAULT_LIMITS);
      reporter.renewalFailed(account, error, tokens, this.#schedule.isActive);
    }
  }

  async #load(): Promise<void> {
    try {
      await this.#cache.load();
      this.#lastError = undefined;
      this.#schedule.succeed();
    } catch (error) {
      this.#lastError = error;
      this.#schedule.fail(DEFAULT_LIMITS);
      this.#options.reporter.unreadable(error);
    }
    if (this.#schedule.nextAtMs === undefined) this.#plan();
  }

  #plan(spreadMs?: number): void {
    const { account, tokens, refusal } = this.#cache;
    if (!account || refusal) return this.#schedule.plan(undefined, 0);
    const { refreshedAtMs, clientId } = account;
    const { retryAtMs } = this.#options.breakers.of(clientId);
    this.#schedule.plan({ refreshedAtMs, tokens }, retryAtMs, spreadMs);
  }

  /** The token in memory, if it is good enough. */
  #usable(least: "fresh" | "stale", rejected: string | undefined): string | undefined {
    const { tokens, refusal } = this.#cache;
    if (!tokens || refusal) return undefined;
    const nowMs = this.#options.clock.now();
    const isNew = nowMs - this.#issuedAtMs < NEW_TOKEN_MS;
    if (tokens.accessToken === rejected && !isNew) return undefined;
    const state = condition(tokens, nowMs);
    return state === "fresh" || state === least ? tokens.accessToken : undefined;
  }

  /** The owner of the account has to do something only about a sign-in that is dead; all other failures heal without. */
  #loginError(): LoginError {
    const { refusal, tokens } = this.#cache;
    const error = this.#lastError;
    if (refusal === undefined && (tokens || error !== undefined)) {
      return new LoginError("temporary", temporaryText(error), { cause: error });
    }
    const text = signInRequiredText(refusal, this.#options.publicUrl);
    return new LoginError("sign-in-required", text, { cause: explainReason(refusal).code });
  }

  /** Waits for a renewal, but no longer than a mail client does. The renewal goes on. */
  async #patiently(renewal: Promise<void>): Promise<void> {
    const { promise: patience, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.clock.setTimer(PATIENCE_MS, resolve);
    await Promise.race([renewal, patience]);
    timer.cancel();
  }
}

function isDead(error: unknown): error is MicrosoftError {
  return error instanceof MicrosoftError && error.failure === "sign-in-required";
}

function temporaryText(error: unknown): string {
  if (error instanceof StoreError) return STORE_FAILING;
  if (error instanceof SecretError) return NOT_OPENED;
  if (error instanceof MicrosoftError && error.failure === "registration") {
    return `${error.explanation.smtpText}; ask the proxy's operator`;
  }
  return UNAVAILABLE;
}

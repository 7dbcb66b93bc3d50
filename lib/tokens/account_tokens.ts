/**
 * The access token of one account: handed out from the cache, renewed ahead of need, by one request at a time.
 *
 * @module
 */
import { type LoginError, withinMs } from "../../smtp/mod.ts";
import { MINUTE_MS, SECOND_MS } from "../base/mod.ts";
import { signInRequired } from "../explain/mod.ts";
import { accountKind, MicrosoftError } from "../microsoft/mod.ts";
import type { AccountRecord } from "../store/mod.ts";
import {
  delayed,
  OWN_LIMITS,
  TOKEN_TIMEOUT_MS,
  type TokenDependencies,
  type TokenStatus,
  usableToken,
} from "./access_token.ts";
import type { BackoffLimits } from "./backoff.ts";
import type { PlannedRenewal } from "./renewal_queue.ts";
import { RenewalSchedule } from "./renewal_schedule.ts";
import { isDead, TokenCache } from "./token_cache.ts";

/** A renewal that takes longer is stuck: the next login starts another one. */
const HANGS_MS = 5 * SECOND_MS;
/** An account whose renewal comes within this time stays in memory for it. */
const SOON_MS = 30 * SECOND_MS;

/** Pauses after a failure that stops more accounts than this one: the circuit breaker has its own. */
const SHARED_LIMITS: BackoffLimits = { firstMs: SECOND_MS, maxMs: MINUTE_MS };

/** A renewal under way. */
interface Renewal {
  readonly startedAtMs: number;
  readonly work: Promise<void>;
}

/** Hands out and renews one account's access token. */
export class AccountTokens {
  readonly #options: TokenDependencies;
  readonly #cache: TokenCache;
  readonly #schedule: RenewalSchedule;
  #lastError: unknown;
  /** Renewals under way, the newest last; more than one if the others are stuck. */
  readonly #renewals: Renewal[] = [];
  #issuedAtMs = 0;
  /** The last token that the submission server refused. */
  #refusedToken: string | undefined;

  /**
   * @param account The account, if it has been read already.
   * @param lastUsedAtMs The last login of a client, as far as is known.
   */
  constructor(
    id: string,
    options: TokenDependencies,
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
      error: this.#lastError,
      accessTokenExpiresAtMs: this.#goodUntilMs,
      nextRenewalAtMs: this.#schedule.nextAtMs,
    };
  }

  get #goodUntilMs(): number | undefined {
    const { tokens } = this.#cache;
    const isRefused = tokens?.accessToken === this.#refusedToken;
    return isRefused ? undefined : tokens?.accessTokenExpiresAtMs;
  }

  /** Starts renewing ahead of need. @param spreadMs An overdue renewal comes within this time. */
  async start(spreadMs: number): Promise<void> {
    if (this.#schedule.isActive) await this.#load();
    this.#plan(spreadMs);
  }

  /** Whether there is nothing to do before this time unless a client logs in, and nothing is under way. */
  isIdleUntil(timeMs: number): boolean {
    const { isActive, nextAtMs = Infinity } = this.#schedule;
    return !isActive && this.#isAtRest && nextAtMs > timeMs;
  }

  /** Whether the tokens need not stay in memory: nothing is under way or due soon, and the database has everything. */
  get canUnload(): boolean {
    const { nextAtMs = Infinity } = this.#schedule;
    return this.#isAtRest && nextAtMs - this.#options.clock.now() > SOON_MS;
  }

  get #isAtRest(): boolean {
    return this.#renewals.length === 0 && this.#cache.isSettled;
  }

  /** The next renewal, for the time when the tokens are not in memory. */
  get plannedRenewal(): PlannedRenewal {
    const { nextAtMs = Infinity, lastUsedAtMs } = this.#schedule;
    return { dueAtMs: nextAtMs, lastUsedAtMs };
  }

  /** Stops renewing ahead of need. */
  retire(): void {
    this.#schedule.stop();
  }

  /** Stops renewing. Resolves when the tokens on their way have been stored. */
  async stop(): Promise<void> {
    this.retire();
    await Promise.all(this.#renewals.map(({ work }) => work));
    await this.#cache.close();
  }

  /** See `TokenSource` in `smtp/backend.ts`. */
  async accessToken(rejected?: string): Promise<string> {
    const cache = this.#cache;
    if (!cache.tokens || cache.refusal) await this.#load();
    if (!cache.tokens || cache.refusal) throw this.#loginError();
    if (this.#schedule.noteUse()) this.#plan(0);
    let token = this.#usable("fresh", rejected);
    if (token === undefined) {
      this.#refusedToken = rejected;
      await withinMs(this.#options.clock, TOKEN_TIMEOUT_MS, this.#renew());
      token = this.#usable("stale", rejected);
    }
    if (token === undefined) throw this.#loginError();
    return token;
  }

  /** Renews the tokens, unless a renewal is under way or has just failed. Never rejects: the outcome shows in the cache. */
  #renew(): Promise<void> {
    const { clock, reporter } = this.#options;
    const startedAtMs = clock.now();
    const newest = this.#renewals.at(-1);
    if (newest && startedAtMs - newest.startedAtMs < HANGS_MS) return newest.work;
    const work = this.#tryToRenew(startedAtMs).catch((error) => reporter.unexpected(error))
      .finally(() => {
        this.#renewals.splice(this.#renewals.indexOf(renewal), 1);
        this.#plan();
      });
    const renewal = { startedAtMs, work };
    this.#renewals.push(renewal);
    return work;
  }

  async #tryToRenew(startedAtMs: number): Promise<void> {
    if (!this.#cache.tokens) await this.#load();
    const { account, tokens, refusal } = this.#cache;
    if (!account || !tokens || refusal || this.#schedule.isPausing) return;
    const { microsoft, breaker, clock, reporter } = this.#options;
    const kind = accountKind(account);
    try {
      const renewed = await this.#cache.renew((refreshToken) =>
        breaker.run(account, () => microsoft.refresh(account.clientId, refreshToken, kind))
      );
      this.#issuedAtMs = clock.now();
      this.#schedule.succeed();
      this.#lastError = undefined;
      if (renewed) reporter.renewed(account);
    } catch (error) {
      if (this.#issuedAtMs > startedAtMs) return; // A later renewal has succeeded already.
      this.#lastError = error;
      if (isDead(error)) {
        return await this.#cache.refuse(error.reason);
      }
      const isOwn = error instanceof MicrosoftError && error.explanation.reach === "account";
      this.#schedule.fail(isOwn ? OWN_LIMITS : SHARED_LIMITS);
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
      this.#schedule.fail(SHARED_LIMITS);
      this.#options.reporter.unreadable(error);
    }
    if (this.#schedule.nextAtMs === undefined) this.#plan();
  }

  #plan(spreadMs?: number): void {
    const { account, tokens, refusal } = this.#cache;
    if (!account || refusal) return this.#schedule.plan(undefined, 0);
    const retryAtMs = this.#options.breaker.retryAtMs(account);
    this.#schedule.plan({ refreshedAtMs: account.refreshedAtMs, tokens }, retryAtMs, spreadMs);
  }

  /** The token in memory, if it is good enough. */
  #usable(least: "fresh" | "stale", rejected: string | undefined): string | undefined {
    const { tokens, refusal } = this.#cache;
    if (!tokens || refusal) return undefined;
    const wanted = { least, rejected, nowMs: this.#options.clock.now() };
    return usableToken(tokens, this.#issuedAtMs, wanted);
  }

  /** Only a dead sign-in needs the account's owner; all other failures pass by themselves. */
  #loginError(): LoginError {
    const { account, refusal, tokens } = this.#cache;
    const isDelayed = tokens !== undefined || this.#lastError !== undefined;
    if (refusal === undefined && isDelayed) return delayed(this.#lastError);
    return signInRequired(refusal, account && accountKind(account), this.#options.publicUrl);
  }
}

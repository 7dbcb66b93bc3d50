/**
 * The times at which an account's tokens are renewed. All times are milliseconds since the epoch.
 *
 * @module
 */
import { type Clock, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Timer } from "../base/mod.ts";
import type { TokenSet } from "../store/mod.ts";
import { Backoff, type BackoffLimits, type Random } from "./backoff.ts";

/** The longest life of Microsoft's access tokens; an earlier time of issue only means that the refresh token was not replaced. */
const MAX_LIFETIME_MS = 90 * MINUTE_MS;
/** Microsoft's submission servers refuse a token near its end (501 5.5.127). */
const COMFORTABLE_MS = 10 * MINUTE_MS;
/** The least remaining life of a token that is handed out. */
const MIN_REST_MS = MINUTE_MS;
/** An account used within this time gets its next access token before it needs it, also after a weekend. */
const ACTIVE_MS = 3 * DAY_MS;
/** A refresh token expires after 90 days without use: it is used well before that, even when nobody sends. */
const DORMANT_MS = 13 * DAY_MS;
/** Accounts that signed in at the same time are renewed over this time. */
const DORMANT_SPREAD_MS = 12 * HOUR_MS;
/** Age of a refresh token at which its owner and the operator should know that it could not be renewed. */
const OLD_REFRESH_TOKEN_MS = 45 * DAY_MS;
/** Postponed renewals are spread over this time. */
const RETRY_SPREAD_MS = 30 * SECOND_MS;

/** An access token and its times. */
export type AccessToken = Pick<
  TokenSet,
  "accessToken" | "accessTokenExpiresAtMs" | "obtainedAtMs"
>;

/** The times of an access token. */
export type TokenTimes = Omit<AccessToken, "accessToken">;

/** The facts on which the next renewal depends. */
export interface Renewable {
  /** When the refresh token was last renewed. */
  readonly refreshedAtMs: number;
  /** Absent: not loaded, so an account in use is renewed at once. */
  readonly tokens?: TokenTimes;
}

/** Calls back when an account's tokens are due, soon after a login, rarely while nobody sends, later after failures. */
export class RenewalSchedule {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #renew: () => void;
  readonly #backoff: Backoff;
  #lastUsedAtMs: number;
  #timer: Timer | undefined;
  #nextAtMs: number | undefined;
  #stopped = false;

  /** @param lastUsedAtMs The last login of a client, as far as is known. */
  constructor(clock: Clock, random: Random, lastUsedAtMs: number, renew: () => void) {
    this.#clock = clock;
    this.#random = random;
    this.#renew = renew;
    this.#backoff = new Backoff(random);
    this.#lastUsedAtMs = lastUsedAtMs;
  }

  /** The time of the next renewal; undefined: none is planned. */
  get nextAtMs(): number | undefined {
    return this.#nextAtMs;
  }

  /** The last login of a client, as far as is known, in milliseconds since the epoch. */
  get lastUsedAtMs(): number {
    return this.#lastUsedAtMs;
  }

  /** Whether the account is in use, so that its access token is renewed ahead of need. */
  get isActive(): boolean {
    return isActive(this.#lastUsedAtMs, this.#clock.now());
  }

  /** Whether a renewal has just failed, so that it is too early for another one. */
  get isPausing(): boolean {
    return this.#clock.now() < this.#backoff.untilMs;
  }

  /** Notes a login. Returns whether the account was not in use before. @param atMs Default: now. */
  noteUse(atMs = this.#clock.now()): boolean {
    const wasActive = this.isActive;
    this.#lastUsedAtMs = Math.max(this.#lastUsedAtMs, atMs);
    return !wasActive;
  }

  succeed(): void {
    this.#backoff.succeed();
  }

  fail(limits: BackoffLimits): void {
    this.#backoff.fail(this.#clock.now(), limits);
  }

  /**
   * Plans the next renewal, in place of the former plan.
   *
   * @param renewable Absent: there is nothing to renew.
   * @param notBeforeMs An overdue renewal comes later than this time, as well as later than the pause after a failure.
   * @param spreadMs An overdue renewal comes within this time.
   */
  plan(renewable: Renewable | undefined, notBeforeMs: number, spreadMs = RETRY_SPREAD_MS): void {
    this.#timer?.cancel();
    this.#timer = this.#nextAtMs = undefined;
    if (!renewable || this.#stopped) return;
    const nowMs = this.#clock.now();
    const dueAtMs = this.#dueAtMs(renewable);
    const overdueAtMs = () => Math.max(nowMs, notBeforeMs, this.#backoff.untilMs);
    const atMs = dueAtMs > nowMs ? dueAtMs : overdueAtMs() + this.#random() * spreadMs;
    const delayMs = rounded(atMs - nowMs);
    this.#nextAtMs = nowMs + delayMs;
    this.#timer = this.#clock.setTimer(delayMs, this.#renew);
  }

  /** Stops: nothing is planned from now on. */
  stop(): void {
    this.#stopped = true;
    this.plan(undefined, 0);
  }

  #dueAtMs({ refreshedAtMs, tokens }: Renewable): number {
    if (!this.isActive) return dormantRenewalAtMs(refreshedAtMs, this.#random);
    return tokens ? activeRenewalAtMs(tokens, this.#random) : 0;
  }
}

/** Returns how good an access token still is: `fresh`, `stale` (usable, but another one should be fetched) or `dead`. */
export function condition(times: TokenTimes, nowMs: number): "fresh" | "stale" | "dead" {
  const restMs = times.accessTokenExpiresAtMs - nowMs;
  if (restMs < MIN_REST_MS) return "dead";
  return restMs < Math.min(COMFORTABLE_MS, lifetimeMs(times) / 3) ? "stale" : "fresh";
}

/** Whether an account is in use, so that its access token is renewed ahead of need. */
export function isActive(lastUsedAtMs: number, nowMs: number): boolean {
  return nowMs - lastUsedAtMs < ACTIVE_MS;
}

/** Returns the time to renew the access token of an active account: after about two thirds of its life. */
export function activeRenewalAtMs(times: TokenTimes, random: Random): number {
  const lifetime = lifetimeMs(times);
  const marginMs = Math.min(Math.max(COMFORTABLE_MS, lifetime / 3), lifetime / 2);
  return times.accessTokenExpiresAtMs - marginMs * (1 + random() / 5);
}

/** Returns the time to renew the refresh token of an account that is not used. */
export function dormantRenewalAtMs(refreshedAtMs: number, random: Random): number {
  return earliestDormantRenewalAtMs(refreshedAtMs) + random() * DORMANT_SPREAD_MS;
}

/** Returns the earliest time for the renewal of an account that is not used. */
export function earliestDormantRenewalAtMs(refreshedAtMs: number): number {
  return refreshedAtMs + DORMANT_MS;
}

/** Whether a refresh token is so old that its renewal must have failed for a long time. */
export function isOld(refreshedAtMs: number, nowMs: number): boolean {
  return nowMs - refreshedAtMs > OLD_REFRESH_TOKEN_MS;
}

/**
 * Rounds a delay, so that many accounts share few durations: the runtime keeps a list of timers for each one, until it would
 * have ended, even if its timers were cancelled. With a list for each account, a million take 200 MB.
 */
function rounded(delayMs: number): number {
  const stepMs = delayMs < MINUTE_MS ? 1 : delayMs < DAY_MS ? SECOND_MS : MINUTE_MS;
  return Math.floor(delayMs / stepMs) * stepMs;
}

function lifetimeMs({ accessTokenExpiresAtMs, obtainedAtMs }: TokenTimes): number {
  return Math.min(MAX_LIFETIME_MS, accessTokenExpiresAtMs - obtainedAtMs);
}

/**
 * When tokens are renewed. Pure arithmetic; all times are milliseconds since the epoch.
 *
 * @module
 */
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../base/mod.ts";

/** A number from 0 up to 1: spreads the accounts, so that they do not all ask at the same moment. */
export type Random = () => number;

/** Microsoft's longest life of an access token; an older "issued" only means that the refresh token was not replaced. */
const MAX_LIFETIME_MS = 90 * MINUTE_MS;
/** Microsoft's submission servers refuse a token near its end (501 5.5.127). */
const COMFORTABLE_MS = 10 * MINUTE_MS;
/** The least that a token that is handed out still lives. */
const MIN_REST_MS = MINUTE_MS;
/** An account used within this time gets its next access token before it needs it: a weekend is no reason to wait. */
const ACTIVE_MS = 3 * DAY_MS;
/** A refresh token dies after 90 days without use: well before that it is used, even when nobody sends. */
const DORMANT_MS = 13 * DAY_MS;
/** Accounts that signed in at the same time are renewed over this time. */
const DORMANT_SPREAD_MS = 12 * HOUR_MS;
/** Age of a refresh token at which its owner and the operator should know that it could not be renewed. */
const OLD_REFRESH_TOKEN_MS = 45 * DAY_MS;

/** The times of an account's tokens. */
export interface TokenTimes {
  readonly accessTokenExpiresAtMs: number;
  readonly obtainedAtMs: number;
}

/** How good an access token still is: `fresh`, `stale` (good, but do fetch another one), or `dead`. */
export function condition(times: TokenTimes, nowMs: number): "fresh" | "stale" | "dead" {
  const restMs = times.accessTokenExpiresAtMs - nowMs;
  if (restMs < MIN_REST_MS) return "dead";
  return restMs < Math.min(COMFORTABLE_MS, lifetimeMs(times) / 3) ? "stale" : "fresh";
}

/** Whether an account is in use, so that its access token is renewed ahead of need. */
export function isActive(lastUsedAtMs: number, nowMs: number): boolean {
  return nowMs - lastUsedAtMs < ACTIVE_MS;
}

/** When to renew the access token of an active account: after about two thirds of its life. */
export function activeRenewalAtMs(times: TokenTimes, random: Random): number {
  const lifetime = lifetimeMs(times);
  const marginMs = Math.min(Math.max(COMFORTABLE_MS, lifetime / 3), lifetime / 2);
  return times.accessTokenExpiresAtMs - marginMs * (1 + random() / 5);
}

/** When to renew the refresh token of an account that is not used. */
export function dormantRenewalAtMs(refreshedAtMs: number, random: Random): number {
  return earliestDormantRenewalAtMs(refreshedAtMs) + random() * DORMANT_SPREAD_MS;
}

/** When the renewal of an account that is not used may come at the earliest. */
export function earliestDormantRenewalAtMs(refreshedAtMs: number): number {
  return refreshedAtMs + DORMANT_MS;
}

/** Whether a refresh token is so old that its renewal must have failed for long. */
export function isOld(refreshedAtMs: number, nowMs: number): boolean {
  return nowMs - refreshedAtMs > OLD_REFRESH_TOKEN_MS;
}

function lifetimeMs({ accessTokenExpiresAtMs, obtainedAtMs }: TokenTimes): number {
  return Math.min(MAX_LIFETIME_MS, accessTokenExpiresAtMs - obtainedAtMs);
}

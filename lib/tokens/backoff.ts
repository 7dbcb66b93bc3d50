/**
 * Pauses after failures.
 *
 * @module
 */
import { HOUR_MS } from "../base/mod.ts";

/** Returns a number from 0 up to 1: spreads the accounts, so that they do not all ask at the same moment. */
export type Random = () => number;

/** The pause after the first failure, and the longest one. */
export interface BackoffLimits {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** The longest `Retry-After` that is believed: a slip on the other side must not stop mail for days. */
const MAX_RETRY_AFTER_MS = HOUR_MS;

/** Doubles the pause with each failure in a row, with some randomness, so that many accounts do not come back together. */
export class Backoff {
  readonly #random: Random;
  #failures = 0;
  #untilMs = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The end of the pause, milliseconds since the epoch; in the past when there is none. */
  get untilMs(): number {
    return this.#untilMs;
  }

  /** Starts a pause. @param retryAfterMs The least pause, as the other side asked for it. */
  fail(nowMs: number, limits: BackoffLimits, retryAfterMs = 0): void {
    const longestMs = Math.min(limits.maxMs, limits.firstMs * 2 ** this.#failures);
    const pauseMs = longestMs * (1 - this.#random() / 2);
    this.#failures++;
    this.#untilMs = nowMs + Math.max(pauseMs, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
  }

  succeed(): void {
    this.#failures = 0;
    this.#untilMs = 0;
  }
}

/**
 * The circuit breaker before the token endpoint: it rests while requests fail, so that an outage is not answered with a storm.
 *
 * @module
 */
import { type Clock, MINUTE_MS, SECOND_MS } from "../base/mod.ts";
import { MicrosoftError, type MicrosoftFailure } from "../microsoft/mod.ts";
import { Backoff, type BackoffLimits, type Random } from "./backoff.ts";

/** Failures that concern every account of the registration, with the pauses after them. */
const LIMITS: Readonly<Partial<Record<MicrosoftFailure, BackoffLimits>>> = {
  temporary: { firstMs: SECOND_MS, maxMs: MINUTE_MS },
  registration: { firstMs: 30 * SECOND_MS, maxMs: 10 * MINUTE_MS },
};

/** Lets requests through while they succeed (closed), none during a pause (open), one at a time after it (half-open). */
export class CircuitBreaker {
  readonly #clock: Pick<Clock, "now">;
  readonly #backoff: Backoff;
  #lastError: MicrosoftError | undefined;
  #failingSinceMs: number | undefined;
  #probe: Promise<void> | undefined;

  constructor(clock: Pick<Clock, "now">, random: Random) {
    this.#clock = clock;
    this.#backoff = new Backoff(random);
  }

  /** The first of the failures in a row; undefined when the last request succeeded. */
  get failingSinceMs(): number | undefined {
    return this.#failingSinceMs;
  }

  /** The earliest time of the next request; in the past while the circuit is closed. */
  get retryAtMs(): number {
    return this.#backoff.untilMs;
  }

  /**
   * Sends a request, unless the circuit is open.
   *
   * @throws {MicrosoftError} that of the request, or the one that opened the circuit.
   */
  async run<Result>(request: () => Promise<Result>): Promise<Result> {
    while (this.#probe) await this.#probe;
    if (this.#lastError && this.#clock.now() < this.retryAtMs) throw this.#lastError;
    const answer = this.#watch(request());
    if (this.#lastError) {
      this.#probe = Promise.allSettled([answer]).then(() => this.#probe = undefined);
    }
    return await answer;
  }

  async #watch<Result>(answer: Promise<Result>): Promise<Result> {
    try {
      const result = await answer;
      this.#close();
      return result;
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #fail(error: unknown): void {
    const limits = error instanceof MicrosoftError ? LIMITS[error.failure] : undefined;
    if (!(error instanceof MicrosoftError) || !limits) return this.#close();
    const nowMs = this.#clock.now();
    this.#backoff.fail(nowMs, limits, error.retryAfterMs);
    this.#lastError = error;
    this.#failingSinceMs ??= nowMs;
  }

  #close(): void {
    this.#backoff.succeed();
    this.#lastError = undefined;
    this.#failingSinceMs = undefined;
  }
}

/** One circuit breaker for each app registration. */
export class CircuitBreakers {
  readonly #clock: Pick<Clock, "now">;
  readonly #random: Random;
  readonly #breakers = new Map<string, CircuitBreaker>();

  constructor(clock: Pick<Clock, "now">, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Returns the breaker of an app registration. */
  of(clientId: string): CircuitBreaker {
    const breaker = this.#breakers.get(clientId) ?? new CircuitBreaker(this.#clock, this.#random);
    this.#breakers.set(clientId, breaker);
    return breaker;
  }
}

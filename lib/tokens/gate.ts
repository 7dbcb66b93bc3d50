/**
 * The way to the token endpoint for one app registration. It closes for a while when requests fail, so that an outage is not
 * answered with a storm.
 *
 * @module
 */
import { type Clock, MINUTE_MS, SECOND_MS } from "../base/mod.ts";
import { MicrosoftError, type MicrosoftFailure } from "../microsoft/mod.ts";
import { Backoff, type BackoffLimits } from "./backoff.ts";
import type { Random } from "./timing.ts";

/** Failures that concern every account of the registration, and how long it then rests. */
const LIMITS: Readonly<Partial<Record<MicrosoftFailure, BackoffLimits>>> = {
  temporary: { firstMs: SECOND_MS, maxMs: MINUTE_MS },
  registration: { firstMs: 30 * SECOND_MS, maxMs: 10 * MINUTE_MS },
};

/** Lets requests through while they succeed, one at a time after a failure, none during a pause. */
export class Gate {
  readonly #clock: Pick<Clock, "now">;
  readonly #backoff: Backoff;
  #lastError: MicrosoftError | undefined;
  #failingSinceMs: number | undefined;
  #probe: Promise<void> | undefined;

  constructor(clock: Pick<Clock, "now">, random: Random) {
    this.#clock = clock;
    this.#backoff = new Backoff(random);
  }

  /** Since when every request has failed; undefined when the last one succeeded. */
  get failingSinceMs(): number | undefined {
    return this.#failingSinceMs;
  }

  /** When the next request may go; in the past while the gate is open. */
  get opensAtMs(): number {
    return this.#backoff.untilMs;
  }

  /**
   * Sends a request, unless the gate is closed.
   *
   * @throws {MicrosoftError} that of the request, or the one that closed the gate.
   */
  async run<Result>(request: () => Promise<Result>): Promise<Result> {
    while (this.#probe) await this.#probe;
    if (this.#lastError && this.#clock.now() < this.opensAtMs) throw this.#lastError;
    const answer = this.#watch(request());
    if (this.#lastError) this.#probe = this.#settled(answer);
    return await answer;
  }

  async #watch<Result>(answer: Promise<Result>): Promise<Result> {
    try {
      const result = await answer;
      this.#open();
      return result;
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  async #settled(answer: Promise<unknown>): Promise<void> {
    await Promise.allSettled([answer]);
    this.#probe = undefined;
  }

  #fail(error: unknown): void {
    const limits = error instanceof MicrosoftError ? LIMITS[error.failure] : undefined;
    if (!(error instanceof MicrosoftError) || !limits) return this.#open();
    const nowMs = this.#clock.now();
    this.#backoff.fail(nowMs, limits, error.retryAfterMs);
    this.#lastError = error;
    this.#failingSinceMs ??= nowMs;
  }

  #open(): void {
    this.#backoff.succeed();
    this.#lastError = undefined;
    this.#failingSinceMs = undefined;
  }
}

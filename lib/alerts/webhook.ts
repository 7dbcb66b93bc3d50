/**
 * Messages as JSON to an address of the operator's choice.
 *
 * @module
 */
import { type Clock, MINUTE_MS, SECOND_MS, type Secret, type Timer } from "../base/mod.ts";
import { getLogger } from "../log/mod.ts";

/** Dependencies of {@linkcode Webhook}. */
export interface WebhookOptions {
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly url: Secret;
}

const REQUEST_TIMEOUT_MS = 10 * SECOND_MS;
/** Pauses before the second and each further attempt; after the last one the message is given up. */
const RETRY_DELAYS_MS: readonly number[] = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
];
/** Messages that wait at the same time; more are given up, so that a dead webhook costs no memory. */
const MAX_WAITING = 100;

const log = getLogger("alerts");

/** Delivers messages, each on its own, with retries. */
export class Webhook {
  readonly #options: WebhookOptions;
  readonly #timers = new Set<Timer>();
  readonly #stop = new AbortController();

  constructor(options: WebhookOptions) {
    this.#options = options;
  }

  /** Sends in the background. Never throws. */
  send(message: object): void {
    void this.#attempt(JSON.stringify(message), 0);
  }

  /** Gives up all messages that have not been accepted yet. */
  stop(): void {
    this.#stop.abort();
    for (const timer of this.#timers) timer.cancel();
  }

  async #attempt(body: string, attempt: number): Promise<void> {
    const problem = await this.#post(body);
    if (problem === undefined || this.#stop.signal.aborted) return;
    const delayMs = RETRY_DELAYS_MS[attempt];
    if (delayMs === undefined || this.#timers.size >= MAX_WAITING) {
      log.warning("the webhook did not accept an alert", { problem });
      return;
    }
    const timer = this.#options.clock.setTimer(delayMs, () => {
      this.#timers.delete(timer);
      void this.#attempt(body, attempt + 1);
    });
    this.#timers.add(timer);
  }

  /** Returns the problem, in words that hold no part of the address. */
  async #post(body: string): Promise<string | undefined> {
    const { clock, fetch, url } = this.#options;
    const timeout = new AbortController();
    const timer = clock.setTimer(REQUEST_TIMEOUT_MS, () => timeout.abort());
    try {
      const response = await fetch(url.reveal(), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        redirect: "manual",
        signal: AbortSignal.any([timeout.signal, this.#stop.signal]),
      });
      await response.body?.cancel();
      return response.ok ? undefined : `HTTP ${response.status}`;
    } catch (error) {
      return error instanceof Error ? error.name : "network error";
    } finally {
      timer.cancel();
    }
  }
}

/**
 * The time of the simulation. Tests set it forward instead of waiting.
 *
 * @module
 */
import { setTimeout as wait } from "node:timers/promises";

/** Tells the time, and lets it pass. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so many milliseconds. @throws when the signal is aborted before. */
  delay(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  delay: (ms, signal) => wait(ms, undefined, { signal }),
};

interface Waiting {
  readonly dueMs: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** A clock that moves when it is told to. */
export class ManualClock implements Clock {
  #nowMs: number;
  #waiting: Waiting[] = [];
  readonly #watchers: ((ms: number) => void)[] = [];

  /** @param nowMs Default: the machine's time. */
  constructor(nowMs = Date.now()) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  delay(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const entry = { dueMs: this.#nowMs + ms, resolve, reject };
    this.#waiting.push(entry);
    signal?.addEventListener("abort", () => {
      this.#waiting = this.#waiting.filter((one) => one !== entry);
      reject(signal.reason);
    });
    for (const watcher of this.#watchers.splice(0)) watcher(ms);
    return promise;
  }

  /** Resolves with the length of the next delay that somebody begins, in milliseconds. */
  nextDelay(): Promise<number> {
    return new Promise((resolve) => this.#watchers.push(resolve));
  }

  /** Sets the clock forward and ends the delays that are over by then. */
  advance(ms: number): void {
    this.#nowMs += ms;
    const due = this.#waiting.filter(({ dueMs }) => dueMs <= this.#nowMs);
    this.#waiting = this.#waiting.filter(({ dueMs }) => dueMs > this.#nowMs);
    for (const { resolve } of due) resolve();
  }
}

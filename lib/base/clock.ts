/**
 * Time, as something that is handed in: the program gets the real clock, a test gets one in which months pass at once.
 *
 * @module
 */

/** A callback that is waiting for its time. */
export interface Timer {
  /** Takes the callback back. Does nothing when it has already run. */
  cancel(): void;
}

/** Tells the time and calls back later. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Calls `callback` once, `delayMs` from now; any length is allowed. */
  setTimer(delayMs: number, callback: () => void): Timer;
}

/** Units of time in milliseconds. */
export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** `setTimeout` counts in 32 bits: a longer wait would end at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The machine's clock. A timer that waits keeps the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(delayMs, callback) {
    const end = performance.now() + delayMs;
    let id: ReturnType<typeof setTimeout>;
    const wait = () => {
      const restMs = Math.max(0, end - performance.now());
      id = restMs > LONGEST_TIMEOUT_MS
        ? setTimeout(wait, LONGEST_TIMEOUT_MS)
        : setTimeout(callback, restMs);
    };
    wait();
    return { cancel: () => clearTimeout(id) };
  },
};

/** Waits. */
export function pause(clock: Pick<Clock, "setTimer">, delayMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  clock.setTimer(delayMs, resolve);
  return promise;
}

interface Waiting {
  readonly time: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: number;
  readonly #settle: () => Promise<void>;
  readonly #waiting = new Set<Waiting>();

  /**
   * @param now Milliseconds since 1970-01-01 UTC.
   * @param settle Lets the work that a timer has started come to rest before time moves on.
   */
  constructor(now: number, settle: () => Promise<void> = () => Promise.resolve()) {
    this.#now = now;
    this.#settle = settle;
  }

  now(): number {
    return this.#now;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const waiting = { time: this.#now + Math.max(0, delayMs), callback };
    this.#waiting.add(waiting);
    return { cancel: () => void this.#waiting.delete(waiting) };
  }

  /** How many timers are waiting. */
  get timers(): number {
    return this.#waiting.size;
  }

  /** Moves time forward and runs what falls due, in order. */
  async advance(durationMs: number): Promise<void> {
    const end = this.#now + durationMs;
    for (;;) {
      await this.#settle();
      const next = this.#earliest(end);
      if (next === undefined) break;
      this.#waiting.delete(next);
      this.#now = Math.max(this.#now, next.time);
      next.callback();
    }
    this.#now = end;
  }

  #earliest(end: number): Waiting | undefined {
    let earliest: Waiting | undefined;
    for (const waiting of this.#waiting) {
      if (waiting.time > end) continue;
      if (earliest === undefined || waiting.time < earliest.time) earliest = waiting;
    }
    return earliest;
  }
}

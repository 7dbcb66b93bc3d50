/**
 * Time that passes only when a test moves it.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { Clock, Timer } from "../clock.ts";

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
   * @param settle Waits for the work of a timer before time moves on.
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

  /** Number of pending timers. */
  get timers(): number {
    return this.#waiting.size;
  }

  /** Moves time forward and runs the timers that are due, in order. */
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

/** Any fixed time. */
const START_MS = Date.UTC(2026, 0, 1);

/** Returns a manual clock for connections in memory. */
export function manualClock(): ManualClock {
  return new ManualClock(START_MS, settle);
}

/**
 * Resolves when everything that needs no timer and no I/O has happened. In-memory connections use only promises, which are
 * all resolved before the next turn of the event loop.
 */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

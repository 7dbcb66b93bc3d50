/**
 * Time that passes when a test says so.
 *
 * @module
 */
import { setImmediate } from "node:timers";

/**
 * Resolves when everything that can happen without time or the outside has happened. In-memory connections know only
 * promises, and all of those are served before the next turn of the event loop.
 */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

interface Timer {
  readonly callback: () => void;
  readonly intervalMs: number | undefined;
  dueMs: number;
}

/** Any moment will do, as long as it is always the same. */
const START_MS = Date.UTC(2026, 0, 1);

const TIMER_FUNCTIONS = ["setTimeout", "setInterval", "clearTimeout", "clearInterval"] as const;

type TimerFunctions = Pick<typeof globalThis, typeof TIMER_FUNCTIONS[number]>;

/** A clock, and the timers of `globalThis` as long as it is in use: `using time = new FakeTime()`. */
export class FakeTime implements Disposable {
  readonly #timers = new Map<number, Timer>();
  readonly #real: TimerFunctions;
  #nowMs = START_MS;
  #lastId = 0;

  constructor() {
    const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
    this.#real = { setTimeout, setInterval, clearTimeout, clearInterval };
    const clear = (id?: number) => void this.#timers.delete(id ?? 0);
    Object.assign(globalThis, {
      setTimeout: (callback: () => void, ms = 0) => this.#add(callback, ms, undefined),
      setInterval: (callback: () => void, ms = 0) => this.#add(callback, ms, ms),
      clearTimeout: clear,
      clearInterval: clear,
    });
  }

  /** Milliseconds since the epoch; a function of its own, to be injected. */
  readonly now = (): number => this.#nowMs;

  /** Timers that have not come due. */
  get pendingCount(): number {
    return this.#timers.size;
  }

  /** Lets time pass: each timer fires at its moment, and what it causes happens before the next. */
  async pass(ms: number): Promise<void> {
    await settle(); // What is under way may set timers yet.
    const untilMs = this.#nowMs + ms;
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      const [id, timer] = next;
      this.#nowMs = timer.dueMs;
      if (timer.intervalMs === undefined) this.#timers.delete(id);
      else timer.dueMs += timer.intervalMs;
      timer.callback();
      await settle();
    }
    this.#nowMs = untilMs;
  }

  #add(callback: () => void, ms: number, intervalMs: number | undefined): number {
    this.#timers.set(++this.#lastId, { callback, intervalMs, dueMs: this.#nowMs + ms });
    return this.#lastId;
  }

  #next(untilMs: number): [number, Timer] | undefined {
    const due = [...this.#timers].filter(([, timer]) => timer.dueMs <= untilMs);
    return due.toSorted(([, a], [, b]) => a.dueMs - b.dueMs)[0];
  }

  [Symbol.dispose](): void {
    Object.assign(globalThis, this.#real);
  }
}

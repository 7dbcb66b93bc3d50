/**
 * Many deadlines on one timer. A timer for each wait would cost more than the work itself, and deadlines of minutes need no
 * better precision than a second.
 *
 * @module
 */
import { type Clock, every, type Timer } from "../clock.ts";

const TICK_MS = 1_000;

/** Checks many deadlines once a second. The timer runs only while there are deadlines. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #deadlines = new Set<Deadline>();
  #timer: Timer | undefined;
  #tick = 0;
  #stopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ticks since the start. */
  get tick(): number {
    return this.#tick;
  }

  /** Whether all waits have ended for good. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Ends all waits as if they were late. */
  stop(): void {
    this.#stopped = true;
    for (const deadline of [...this.#deadlines]) deadline.end();
  }

  /** Adds a deadline. It is not set yet, and must be removed in the end. */
  add(onLate: () => void): Deadline {
    const deadline = new Deadline(this, onLate);
    this.#deadlines.add(deadline);
    this.#timer ??= every(this.#clock, TICK_MS, () => this.#advance());
    return deadline;
  }

  /** Removes a deadline. Can be called again. */
  remove(deadline: Deadline): void {
    this.#deadlines.delete(deadline);
    if (this.#deadlines.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #advance(): void {
    this.#tick++;
    for (const deadline of [...this.#deadlines]) deadline.check();
  }
}

/** A deadline that is set again for each wait. */
export class Deadline {
  readonly #deadlines: Deadlines;
  readonly #onLate: () => void;
  #dueTick = Infinity;

  constructor(deadlines: Deadlines, onLate: () => void) {
    this.#deadlines = deadlines;
    this.#onLate = onLate;
  }

  /** Starts a wait. It ends up to a second early. */
  set(seconds: number): void {
    this.#dueTick = this.#deadlines.tick + seconds;
  }

  /** Ends the wait in time. */
  clear(): void {
    this.#dueTick = Infinity;
  }

  /** Calls back if the wait is too long. */
  check(): void {
    if (this.#deadlines.tick >= this.#dueTick) this.end();
  }

  /** Ends the wait as if it were late, even if none has begun. */
  end(): void {
    this.#dueTick = Infinity;
    this.#onLate();
  }

  remove(): void {
    this.#deadlines.remove(this);
  }
}

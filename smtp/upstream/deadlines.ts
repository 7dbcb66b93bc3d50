/**
 * Many deadlines on one timer. A timer for each wait would cost more than the work it guards, and deadlines of minutes need
 * no more precision than a second.
 *
 * @module
 */
import { type Clock, every, type Timer } from "../clock.ts";

const TICK_MS = 1_000;

/** Checks many deadlines once a second. The timer runs only while there are any. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #deadlines: Deadline[] = [];
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

  /** Ends all waits, each as if it were late. */
  stop(): void {
    this.#stopped = true;
    for (const deadline of [...this.#deadlines]) deadline.end();
  }

  /** Adds a deadline, which is not set yet and has to be removed in the end. */
  add(onLate: () => void): Deadline {
    const deadline = new Deadline(this, onLate, this.#deadlines.length);
    this.#deadlines.push(deadline);
    this.#timer ??= every(this.#clock, TICK_MS, () => this.#advance());
    return deadline;
  }

  /** Removes a deadline: the last one takes its place. May be called again. */
  remove(deadline: Deadline): void {
    if (this.#deadlines[deadline.place] !== deadline) return;
    const last = this.#deadlines.pop()!;
    if (last !== deadline) {
      last.place = deadline.place;
      this.#deadlines[last.place] = last;
    }
    if (this.#deadlines.length > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #advance(): void {
    this.#tick++;
    for (const deadline of [...this.#deadlines]) deadline.check();
  }
}

/** A deadline that is set anew for each wait. */
export class Deadline {
  readonly #deadlines: Deadlines;
  readonly #onLate: () => void;
  #dueTick = Infinity;

  /** @param place Its index among the deadlines. */
  constructor(deadlines: Deadlines, onLate: () => void, public place: number) {
    this.#deadlines = deadlines;
    this.#onLate = onLate;
  }

  /** Starts a wait. It ends up to a second early. */
  set(seconds: number): void {
    this.#dueTick = this.#deadlines.tick + seconds;
  }

  /** Ends the wait. */
  clear(): void {
    this.#dueTick = Infinity;
  }

  /** Calls back if the wait is too long. */
  check(): void {
    if (this.#deadlines.tick >= this.#dueTick) this.end();
  }

  /** Ends the wait as if it were late, also one that has not begun. */
  end(): void {
    this.#dueTick = Infinity;
    this.#onLate();
  }

  remove(): void {
    this.#deadlines.remove(this);
  }
}

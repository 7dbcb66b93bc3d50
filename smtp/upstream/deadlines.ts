/**
 * Many deadlines on one timer. A timer for each wait would cost more than the work it guards; that they are only good to a
 * second does not matter to limits of minutes.
 *
 * @module
 */

const TICK_MS = 1_000;

/** Keeps the time for all deadlines of one owner. The timer runs only while there are any. */
export class Deadlines {
  readonly #deadlines = new Set<Deadline>();
  #ticker: ReturnType<typeof setInterval> | undefined;
  #tick = 0;

  /** Ticks since the start. */
  get tick(): number {
    return this.#tick;
  }

  /** Adds a deadline, which is not set yet. It has to be {@linkcode Deadline.remove}d in the end. */
  add(onLate: () => void): Deadline {
    const deadline = new Deadline(this, onLate, () => this.#remove(deadline));
    this.#deadlines.add(deadline);
    this.#ticker ??= setInterval(() => this.#advance(), TICK_MS);
    return deadline;
  }

  #remove(deadline: Deadline): void {
    this.#deadlines.delete(deadline);
    if (this.#deadlines.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  #advance(): void {
    this.#tick++;
    for (const deadline of this.#deadlines) deadline.check();
  }
}

/** One deadline, set anew for each wait. */
export class Deadline {
  readonly #deadlines: Deadlines;
  readonly #onLate: () => void;
  readonly remove: () => void;
  #dueTick = Infinity;

  constructor(deadlines: Deadlines, onLate: () => void, remove: () => void) {
    this.#deadlines = deadlines;
    this.#onLate = onLate;
    this.remove = remove;
  }

  /** Starts to wait. It ends up to a second early. */
  set(seconds: number): void {
    this.#dueTick = this.#deadlines.tick + seconds;
  }

  /** Ends the wait. */
  clear(): void {
    this.#dueTick = Infinity;
  }

  /** Looks at the time. */
  check(): void {
    if (this.#deadlines.tick < this.#dueTick) return;
    this.#dueTick = Infinity;
    this.#onLate();
  }
}

/**
 * How many may pass at once.
 *
 * @module
 */

/** Lets a limited number in; the others wait their turn, first come first served. */
export class Gate {
  readonly #limit: number;
  #inside = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many are inside. */
  get insideCount(): number {
    return this.#inside;
  }

  /** How many wait for their turn. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Whether nobody is inside or waits. */
  get empty(): boolean {
    return this.#inside === 0 && this.#waiting.length === 0;
  }

  /** Waits for a place; false when none came free in time. Whoever got one has to {@linkcode leave}. */
  async enter(patienceMs: number): Promise<boolean> {
    if (this.#inside < this.#limit) {
      this.#inside++;
      return true;
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const admit = () => resolve(true);
    this.#waiting.push(admit);
    const timer = setTimeout(() => {
      this.#waiting.splice(this.#waiting.indexOf(admit), 1);
      resolve(false);
    }, patienceMs);
    return await promise.finally(() => clearTimeout(timer));
  }

  /** Gives the place to who waits longest. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#inside--;
    else next();
  }
}

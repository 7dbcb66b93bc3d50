/**
 * How many messages may leave in a minute.
 *
 * @module
 */

const WINDOW_MS = 60_000;

/** Spreads the messages of one mailbox: at most so many in any minute, in the order in which they came. */
export class Pacer {
  readonly #messagesPerMinute: number;
  readonly #now: () => number;
  /** When the messages of the last minute left or are going to leave, oldest first. */
  readonly #turnsMs: number[] = [];

  /** @param now Milliseconds since the epoch. */
  constructor(messagesPerMinute: number, now: () => number) {
    this.#messagesPerMinute = messagesPerMinute;
    this.#now = now;
  }

  /** Whether nothing that happened matters any more. */
  get idle(): boolean {
    this.#forget();
    return this.#turnsMs.length === 0;
  }

  /**
   * Takes the next turn.
   *
   * @returns how long to wait for it, in milliseconds; undefined, and no turn, when that were longer than the patience.
   */
  take(patienceMs: number): number | undefined {
    this.#forget();
    const nowMs = this.#now();
    const before = this.#turnsMs.at(-this.#messagesPerMinute);
    const turnMs = before === undefined ? nowMs : Math.max(nowMs, before + WINDOW_MS);
    if (turnMs - nowMs > patienceMs) return undefined;
    this.#turnsMs.push(turnMs);
    return turnMs - nowMs;
  }

  #forget(): void {
    const sinceMs = this.#now() - WINDOW_MS;
    while (this.#turnsMs.length > 0 && this.#turnsMs[0]! <= sinceMs) this.#turnsMs.shift();
  }
}

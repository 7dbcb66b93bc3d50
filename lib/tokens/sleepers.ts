/**
 * Accounts in use whose tokens are not in memory: all that is kept of each is when to look at it again.
 *
 * @module
 */
import { type Clock, SECOND_MS, type Timer } from "../base/mod.ts";

/** An account whose tokens are in the database alone. About 200 octets with its keys. */
export interface Sleeper {
  /** When its tokens are to be renewed, in milliseconds since the epoch; Infinity: never. */
  readonly dueAtMs: number;
  /** The last login of a client, in milliseconds since the epoch. */
  readonly lastUsedAtMs: number;
}

/** Keeps accounts until they are due, with one timer for all. */
export class Sleepers {
  readonly #clock: Clock;
  readonly #wake: (accountId: string, sleeper: Sleeper) => void;
  readonly #sleepers = new Map<string, Sleeper>();
  /** Ids by the second in which they are due. Some of them may have been woken before. */
  readonly #bySecond = new Map<number, string[]>();
  #timer: Timer | undefined;
  #nextSecond = 0;

  /** @param wake Called with each account that is due. */
  constructor(clock: Clock, wake: (accountId: string, sleeper: Sleeper) => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Number of accounts. */
  get size(): number {
    return this.#sleepers.size;
  }

  /** Returns an account. */
  get(accountId: string): Sleeper | undefined {
    return this.#sleepers.get(accountId);
  }

  /** Keeps an account until it is due. */
  add(accountId: string, sleeper: Sleeper): void {
    this.#sleepers.set(accountId, sleeper);
    if (sleeper.dueAtMs === Infinity) return;
    if (this.#timer === undefined) {
      this.#nextSecond = secondOf(this.#clock.now());
      this.#wait();
    }
    const second = Math.max(this.#nextSecond, secondOf(sleeper.dueAtMs));
    const due = this.#bySecond.get(second);
    if (due === undefined) this.#bySecond.set(second, [accountId]);
    else due.push(accountId);
  }

  /** Takes an account out. */
  take(accountId: string): Sleeper | undefined {
    const sleeper = this.#sleepers.get(accountId);
    this.#sleepers.delete(accountId);
    return sleeper;
  }

  /** Takes out all accounts for which the condition holds. */
  dropIf(condition: (sleeper: Sleeper) => boolean): void {
    for (const [id, sleeper] of this.#sleepers) if (condition(sleeper)) this.#sleepers.delete(id);
  }

  /** Takes all accounts out. */
  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#sleepers.clear();
    this.#bySecond.clear();
  }

  #wait(): void {
    this.#timer = this.#clock.setTimer(SECOND_MS, () => this.#tick());
  }

  #tick(): void {
    const now = secondOf(this.#clock.now());
    for (; this.#nextSecond <= now; this.#nextSecond++) this.#wakeDue(this.#nextSecond);
    if (this.#bySecond.size > 0) this.#wait();
    else this.#timer = undefined;
  }

  #wakeDue(second: number): void {
    const due = this.#bySecond.get(second) ?? [];
    this.#bySecond.delete(second);
    for (const id of due) {
      const sleeper = this.#sleepers.get(id);
      // It may have been woken by a login, and be asleep again until later.
      if (sleeper === undefined || secondOf(sleeper.dueAtMs) > second) continue;
      this.#sleepers.delete(id);
      this.#wake(id, sleeper);
    }
  }
}

function secondOf(timeMs: number): number {
  return Math.floor(timeMs / SECOND_MS);
}

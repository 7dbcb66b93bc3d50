/**
 * The renewals of accounts whose tokens are not in memory: only the time of each is kept.
 *
 * @module
 */
import { type Clock, SECOND_MS, type Timer } from "../base/mod.ts";

/** A renewal to come of an account whose tokens are in the database alone. About 200 octets with its keys. */
export interface PlannedRenewal {
  /** Milliseconds since the epoch; Infinity: never. */
  readonly dueAtMs: number;
  /** The last login of a client, in milliseconds since the epoch. */
  readonly lastUsedAtMs: number;
}

/** Calls back for each account when its renewal is due, with one timer for all. */
export class RenewalQueue {
  readonly #clock: Clock;
  readonly #onDue: (accountId: string, renewal: PlannedRenewal) => void;
  readonly #renewals = new Map<string, PlannedRenewal>();
  /** Ids by the second in which they are due. Some of them may have been taken out since. */
  readonly #bySecond = new Map<number, string[]>();
  #timer: Timer | undefined;
  #nextSecond = 0;

  /** @param onDue Called with each account that is due; it is no longer in the queue then. */
  constructor(clock: Clock, onDue: (accountId: string, renewal: PlannedRenewal) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Number of accounts. */
  get size(): number {
    return this.#renewals.size;
  }

  /** Returns the renewal of an account. */
  get(accountId: string): PlannedRenewal | undefined {
    return this.#renewals.get(accountId);
  }

  /** Adds an account. */
  add(accountId: string, renewal: PlannedRenewal): void {
    this.#renewals.set(accountId, renewal);
    if (renewal.dueAtMs === Infinity) return;
    if (this.#timer === undefined) {
      this.#nextSecond = secondOf(this.#clock.now());
      this.#wait();
    }
    const second = Math.max(this.#nextSecond, secondOf(renewal.dueAtMs));
    const due = this.#bySecond.get(second);
    if (due === undefined) this.#bySecond.set(second, [accountId]);
    else due.push(accountId);
  }

  /** Takes an account out. */
  take(accountId: string): PlannedRenewal | undefined {
    const renewal = this.#renewals.get(accountId);
    this.#renewals.delete(accountId);
    return renewal;
  }

  /** Takes out all accounts for which the condition holds. */
  deleteIf(condition: (renewal: PlannedRenewal) => boolean): void {
    for (const [id, renewal] of this.#renewals) if (condition(renewal)) this.#renewals.delete(id);
  }

  /** Takes all accounts out. */
  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#renewals.clear();
    this.#bySecond.clear();
  }

  #wait(): void {
    this.#timer = this.#clock.setTimer(SECOND_MS, () => this.#tick());
  }

  #tick(): void {
    const now = secondOf(this.#clock.now());
    for (; this.#nextSecond <= now; this.#nextSecond++) this.#takeDue(this.#nextSecond);
    if (this.#bySecond.size > 0) this.#wait();
    else this.#timer = undefined;
  }

  #takeDue(second: number): void {
    const due = this.#bySecond.get(second) ?? [];
    this.#bySecond.delete(second);
    for (const id of due) {
      const renewal = this.#renewals.get(id);
      // A login may have taken it out, and it may be back with a later time.
      if (renewal === undefined || secondOf(renewal.dueAtMs) > second) continue;
      this.#renewals.delete(id);
      this.#onDue(id, renewal);
    }
  }
}

function secondOf(timeMs: number): number {
  return Math.floor(timeMs / SECOND_MS);
}

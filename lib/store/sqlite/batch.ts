/**
 * Batches of writes that can wait: one transaction for all of them costs about a hundredth of one for each.
 *
 * @module
 */
import type { Clock, Timer } from "../../base/mod.ts";
import type { SqliteDatabase } from "./database.ts";
import { StoreError } from "../store.ts";

/** The delay of a write. A crash loses at most the writes of this time. */
const BATCH_DELAY_MS = 1000;
/** The oldest writes beyond this number are dropped: the database has been failing for a while. */
const MAX_WAITING_WRITES = 10_000;

/** Collects writes, and repeats those that the database refuses. */
export class Batch {
  readonly #database: SqliteDatabase;
  readonly #clock: Pick<Clock, "setTimer">;
  readonly #onError: (error: StoreError) => void;
  readonly #waiting = new Map<unknown, () => void>();
  #timer: Timer | undefined;

  /** @param onError Called at failures in the background. */
  constructor(
    database: SqliteDatabase,
    clock: Pick<Clock, "setTimer">,
    onError: (error: StoreError) => void,
  ) {
    this.#database = database;
    this.#clock = clock;
    this.#onError = onError;
  }

  /** Whether a write with this key is waiting. */
  has(key: unknown): boolean {
    return this.#waiting.has(key);
  }

  /** Adds a write. A later one with the same key replaces it. */
  add(key: unknown, write: () => void): void {
    this.#waiting.delete(key);
    this.#waiting.set(key, write);
    if (this.#waiting.size > MAX_WAITING_WRITES) this.#dropOldest();
    this.#timer ??= this.#clock.setTimer(BATCH_DELAY_MS, () => this.#flushInBackground());
  }

  /** Writes everything now. @throws {StoreError} Then everything keeps waiting. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#waiting.size === 0) return;
    this.#database.transaction(() => this.#waiting.forEach((write) => write()), "relaxed");
    this.#waiting.clear();
  }

  /** Writes everything now, for a reader. A failure is reported, and the writes are repeated later. */
  tryFlush(): void {
    if (this.#waiting.size > 0) this.#flushInBackground();
  }

  #flushInBackground(): void {
    try {
      this.flush();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#onError(error);
      this.#timer = this.#clock.setTimer(BATCH_DELAY_MS, () => this.#flushInBackground());
    }
  }

  #dropOldest(): void {
    const [oldest] = this.#waiting.keys();
    this.#waiting.delete(oldest);
  }
}

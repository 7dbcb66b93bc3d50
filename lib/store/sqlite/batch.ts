/**
 * Writes that may wait: collected and done in one transaction, which costs about a hundredth of one transaction each.
 *
 * @module
 */
import type { Clock, Timer } from "../../base/mod.ts";
import type { SqliteDatabase } from "./database.ts";
import { StoreError } from "../store.ts";

/** How long a write waits; a crash loses no more than that. */
const BATCH_DELAY_MS = 1000;
/** Beyond this number the oldest writes are dropped: the database has been out of order for a while. */
const MAX_WAITING_WRITES = 10_000;

/** Collects writes until their time has come, and tries again later when the database refuses them. */
export class Batch {
  readonly #database: SqliteDatabase;
  readonly #clock: Pick<Clock, "setTimer">;
  readonly #onError: (error: StoreError) => void;
  readonly #waiting = new Map<unknown, () => void>();
  #timer: Timer | undefined;

  /** @param onError Told about failures in the background. */
  constructor(
    database: SqliteDatabase,
    clock: Pick<Clock, "setTimer">,
    onError: (error: StoreError) => void,
  ) {
    this.#database = database;
    this.#clock = clock;
    this.#onError = onError;
  }

  /**
   * Adds a write.
   *
   * @param key A later write with the same key takes the place of this one.
   */
  add(key: unknown, write: () => void): void {
    this.#waiting.delete(key);
    this.#waiting.set(key, write);
    if (this.#waiting.size > MAX_WAITING_WRITES) this.#dropOldest();
    this.#timer ??= this.#clock.setTimer(BATCH_DELAY_MS, () => this.#flushInBackground());
  }

  /**
   * Writes everything now.
   *
   * @throws {StoreError} Then all of it keeps waiting.
   */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#waiting.size === 0) return;
    this.#database.quickTransaction(() => this.#waiting.forEach((write) => write()));
    this.#waiting.clear();
  }

  /** Writes what is possible, so that a reader sees it; a failure is reported and tried again. */
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

/**
 * Batches of writes that may wait: one transaction and a few statements for all of them.
 *
 * @module
 */
import type { Clock, Timer } from "../../base/mod.ts";
import { StoreError, type StoreErrorKind } from "../store.ts";
import type { Statements } from "../shared_database.ts";
import type { PostgresDatabase } from "./database.ts";

/** The delay of a write. A crash loses no more than that. */
const BATCH_DELAY_MS = 1000;
/** The oldest writes beyond this number are dropped: the database has been away for a while. */
const MAX_WAITING_WRITES = 10_000;

/** Writes values of one kind, oldest first. */
export type Writer<Value> = (statements: Statements, values: readonly Value[]) => Promise<void>;

interface Waiting {
  readonly writer: Writer<unknown>;
  readonly value: unknown;
}

/** Failures that end by themselves or by the operator's hand. Any other is the fault of a single write. */
const COMMON: readonly StoreErrorKind[] = ["unavailable", "locked", "full", "read-only", "corrupt"];

/** Collects writes, and repeats those that the database refuses. */
export class PostgresBatch {
  readonly #database: PostgresDatabase;
  readonly #clock: Pick<Clock, "setTimer">;
  readonly #onError: (error: StoreError) => void;
  readonly #waiting = new Map<unknown, Waiting>();
  #timer: Timer | undefined;
  #flushing: Promise<void> | undefined;

  /** @param onError Called at failures in the background. */
  constructor(
    database: PostgresDatabase,
    clock: Pick<Clock, "setTimer">,
    onError: (error: StoreError) => void,
  ) {
    this.#database = database;
    this.#clock = clock;
    this.#onError = onError;
  }

  /** Adds a write. A later one with the same key replaces it. */
  add<Value>(key: unknown, writer: Writer<Value>, value: Value): Promise<void> {
    this.#waiting.delete(key);
    this.#waiting.set(key, { writer: writer as Writer<unknown>, value });
    if (this.#waiting.size > MAX_WAITING_WRITES) {
      const [oldest] = this.#waiting.keys();
      this.#waiting.delete(oldest);
    }
    this.#timer ??= this.#clock.setTimer(BATCH_DELAY_MS, () => void this.tryFlush());
    return Promise.resolve();
  }

  /** Writes everything now. @throws {StoreError} Then everything keeps waiting. */
  async flush(): Promise<void> {
    // One at a time: what is on its way must not be written twice.
    while (this.#flushing) await this.#flushing.catch(() => {});
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#waiting.size === 0) return;
    this.#flushing = this.#writeAll([...this.#waiting]).finally(() => this.#flushing = undefined);
    await this.#flushing;
  }

  /** Writes everything now. A failure is reported, and the writes are repeated later. */
  async tryFlush(): Promise<void> {
    try {
      await this.flush();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#onError(error);
      this.#timer ??= this.#clock.setTimer(BATCH_DELAY_MS, () => void this.tryFlush());
    }
  }

  async #writeAll(writes: readonly [key: unknown, waiting: Waiting][]): Promise<void> {
    try {
      await this.#write(writes);
    } catch (error) {
      if (!(error instanceof StoreError) || COMMON.includes(error.kind)) throw error;
      for (const write of writes) await this.#writeAlone(write);
    }
  }

  /** A write that can never succeed must not keep the others back. */
  async #writeAlone(write: [key: unknown, waiting: Waiting]): Promise<void> {
    try {
      await this.#write([write]);
    } catch (error) {
      if (!(error instanceof StoreError) || COMMON.includes(error.kind)) throw error;
      this.#onError(error);
      this.#remove([write]);
    }
  }

  async #write(writes: readonly [key: unknown, waiting: Waiting][]): Promise<void> {
    const byWriter = Map.groupBy(writes.map(([, waiting]) => waiting), ({ writer }) => writer);
    await this.#database.transaction(async (statements) => {
      for (const [writer, group] of byWriter) {
        await writer(statements, group.map(({ value }) => value));
      }
    });
    this.#remove(writes);
  }

  /** A newer write with the same key keeps waiting. */
  #remove(writes: readonly [key: unknown, waiting: Waiting][]): void {
    for (const [key, waiting] of writes) {
      if (this.#waiting.get(key) === waiting) this.#waiting.delete(key);
    }
  }
}

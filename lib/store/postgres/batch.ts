/**
 * Batches of writes that can wait: one transaction with a few statements for all of them.
 *
 * Each batch has a number, so that it is written only once even if the answer to its COMMIT is lost, see `markBatch()`.
 *
 * @module
 */
import type { Clock, Timer } from "../../base/mod.ts";
import { StoreError, type StoreErrorKind } from "../store.ts";
import { markBatch, type SharedDatabase } from "../shared_database.ts";
import type { Statements } from "../statements.ts";

/** The delay of a write. A crash loses at most the writes of this time. */
const BATCH_DELAY_MS = 1000;
/** The oldest writes beyond this number are dropped: the database has been failing for a while. */
const MAX_WAITING_WRITES = 10_000;

/** Writes values of one kind. */
export interface Writer<Value> {
  /**
   * The position in a batch. Writers that lock accounts come before those that lock app passwords, since a deletion locks them
   * in this order.
   */
  readonly order: number;
  /** @param values Oldest first. */
  write(statements: Statements, values: readonly Value[]): Promise<void>;
}

interface Waiting {
  readonly writer: Writer<unknown>;
  readonly value: unknown;
}

/** Writes of one transaction. */
interface Batch {
  readonly number: number;
  readonly writes: Waiting[];
}

/** Failures that a single write causes. All others pass, or the operator has to act. */
const FAULTS: readonly StoreErrorKind[] = ["conflict", "gone", "other"];

/** Collects writes, and repeats those that the database refuses. */
export class PostgresBatch {
  readonly #database: Pick<SharedDatabase, "transaction">;
  readonly #clock: Pick<Clock, "setTimer">;
  readonly #onError: (error: StoreError) => void;
  /** The name of this process as a writer of batches. */
  readonly #id = crypto.randomUUID();
  #number = 0;
  readonly #waiting = new Map<unknown, Waiting>();
  /** Batches that have been tried, oldest first. Later writes wait for them. */
  #tried: Batch[] = [];
  #timer: Timer | undefined;
  #flushing: Promise<void> | undefined;

  /** @param onError Called at failures in the background. */
  constructor(
    database: Pick<SharedDatabase, "transaction">,
    clock: Pick<Clock, "setTimer">,
    onError: (error: StoreError) => void,
  ) {
    this.#database = database;
    this.#clock = clock;
    this.#onError = onError;
  }

  /** Adds a write. A later one with the same key replaces it. */
  add<Value>(key: unknown, writer: Writer<Value>, value: Value): void {
    this.#waiting.delete(key);
    this.#waiting.set(key, { writer: writer as Writer<unknown>, value });
    if (this.#size > MAX_WAITING_WRITES) this.#dropOldest();
    this.#timer ??= this.#clock.setTimer(BATCH_DELAY_MS, () => void this.tryFlush());
  }

  /** Writes everything now. @throws {StoreError} Then everything keeps waiting. */
  async flush(): Promise<void> {
    // One at a time, so that nothing is written twice.
    while (this.#flushing) await this.#flushing.catch(() => {});
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#size === 0) return;
    this.#flushing = this.#writeAll().finally(() => this.#flushing = undefined);
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

  get #size(): number {
    return this.#tried.reduce((sum, { writes }) => sum + writes.length, this.#waiting.size);
  }

  #dropOldest(): void {
    const tried = this.#tried.find(({ writes }) => writes.length > 0);
    if (tried) return void tried.writes.shift();
    const [oldest] = this.#waiting.keys();
    this.#waiting.delete(oldest);
  }

  async #writeAll(): Promise<void> {
    await this.#writeTried();
    if (this.#waiting.size === 0) return;
    this.#tried = [this.#batch([...this.#waiting.values()])];
    this.#waiting.clear();
    await this.#writeTried();
  }

  async #writeTried(): Promise<void> {
    for (let [batch] = this.#tried; batch; [batch] = this.#tried) {
      try {
        await this.#write(batch);
        this.#tried.shift();
      } catch (error) {
        if (!(error instanceof StoreError) || !FAULTS.includes(error.kind)) throw error;
        this.#tried.shift();
        // A write that can never succeed must not block the others.
        if (batch.writes.length > 1) this.#tried = batch.writes.map((one) => this.#batch([one]));
        else this.#onError(error);
      }
    }
  }

  #batch(writes: Waiting[]): Batch {
    return { number: ++this.#number, writes };
  }

  #write({ number, writes }: Batch): Promise<void> {
    const byWriter = Map.groupBy(writes, ({ writer }) => writer);
    const groups = [...byWriter].sort(([one], [other]) => one.order - other.order);
    return this.#database.transaction(async (statements) => {
      if (!await markBatch(statements, this.#id, number)) return;
      for (const [writer, group] of groups) {
        await writer.write(statements, group.map(({ value }) => value));
      }
    });
  }
}

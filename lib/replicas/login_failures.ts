/**
 * Failed logins of all replicas. They are exchanged with each heartbeat, so that no login waits for it.
 *
 * @module
 */
import { MINUTE_MS } from "../base/mod.ts";
import type { LoginEvent, SharedFailures } from "../accounts/mod.ts";
import { LOCK_CLASS, LOCKS, markBatch, type SharedDatabase } from "../store/mod.ts";

/** The time for which failures are kept. */
const MEMORY_MS = 30 * MINUTE_MS;
/** Most events that wait for the next exchange. This replica alone knows of any others. */
const QUEUE_LIMIT = 1_000;
/** Most events that one exchange reads. */
const READ_LIMIT = 5_000;

const LOCK = `SELECT pg_advisory_xact_lock(${LOCK_CLASS}, ${LOCKS.throttle})`;
const WRITE = `
  INSERT INTO throttle_events (replica, at, event)
  SELECT $1, clock_timestamp(), event::jsonb FROM unnest($2::text[]) AS event`;
const READ = `
  SELECT id, event FROM throttle_events WHERE id > $1 AND replica <> $2 ORDER BY id LIMIT $3`;
/** After a crash of the database the ids start again. */
const LAST = "SELECT coalesce(max(id), 0) AS id FROM throttle_events";
const DELETE_OLD = `
  DELETE FROM throttle_events WHERE at < clock_timestamp() - interval '${MEMORY_MS} milliseconds'`;

/** Exchanges failed logins. */
export class DatabaseFailures implements SharedFailures {
  readonly #database: SharedDatabase;
  readonly #replica: string;
  readonly key: Uint8Array;
  #listener: (event: LoginEvent) => void = () => {};
  #queue: string[] = [];
  /** Events that could not be written, or may have been written although the answer was lost. */
  #tried: readonly string[] = [];
  #batch = 0;
  /** The name of this process among those that write batches. */
  readonly #writer = crypto.randomUUID();
  #lastId = 0;

  /** @param key The same for all replicas. Only keyed hashes of user names and passwords are stored. */
  constructor(database: SharedDatabase, replica: string, key: Uint8Array) {
    this.#database = database;
    this.#replica = replica;
    this.key = key;
  }

  publish(event: LoginEvent): void {
    if (this.#queue.length < QUEUE_LIMIT) this.#queue.push(JSON.stringify(event));
  }

  onEvent(listener: (event: LoginEvent) => void): void {
    this.#listener = listener;
  }

  /** Writes the events of this replica, and reads those of the others. */
  async exchange(): Promise<void> {
    await this.#write();
    const { id: lastId } = (await this.#database.get<{ id: number }>(LAST))!;
    if (lastId < this.#lastId) this.#lastId = 0;
    if (lastId === this.#lastId) return;
    type Row = { readonly id: number; readonly event: LoginEvent };
    const rows = await this.#database.all<Row>(READ, this.#lastId, this.#replica, READ_LIMIT);
    for (const { event } of rows) this.#listener(event);
    this.#lastId = rows.length < READ_LIMIT ? lastId : rows.at(-1)!.id;
  }

  /** Deletes the events that no replica needs any more. */
  async deleteOld(): Promise<void> {
    await this.#database.run(DELETE_OLD);
  }

  async #write(): Promise<void> {
    if (this.#tried.length === 0) {
      if (this.#queue.length === 0) return;
      this.#tried = this.#queue;
      this.#queue = [];
      this.#batch++;
    }
    await this.#database.transaction(async (statements) => {
      if (!await markBatch(statements, this.#writer, this.#batch)) return;
      await statements.run(LOCK);
      await statements.run(WRITE, this.#replica, this.#tried);
    });
    this.#tried = [];
  }
}

/**
 * Delayed writes in SQLite.
 *
 * @module
 */
import { DAY_MS, HOUR_MS } from "../../base/mod.ts";
import {
  COUNT_AGAIN,
  COUNT_REFUSED_LOGINS,
  type DelayedWrites,
  DELIVERY_COLUMNS,
  DELIVERY_PROPERTIES,
  type NewActivity,
  refusedLoginKey,
  refusedLoginRow,
  REHASH,
} from "../sql/delayed_writes.ts";
import {
  type AppPasswordUse,
  type NewDelivery,
  REFUSED_LOGINS_PER_HOUR,
  type RefusedLogin,
} from "../store.ts";
import type { Batch } from "./batch.ts";
import type { SqliteDatabase } from "./database.ts";

/**
 * Each message adds a row. One row at a time: an INSERT of several rows can fail after some of them, so SQLite would first save
 * the old pages in a temporary file, which takes three times as long as the row.
 */
const INSERT = `
  INSERT INTO deliveries (${Object.keys(DELIVERY_COLUMNS).join(", ")})
  VALUES (${DELIVERY_PROPERTIES.map(() => "?").join(", ")})`;

const ACCOUNT_EXISTS = "SELECT 1 FROM accounts WHERE id = ?";

const COUNT_HOUR = `
  INSERT INTO delivery_hours VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET count = count + excluded.count`;
const COUNT_DAY = `
  INSERT INTO delivery_days VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET count = count + excluded.count`;

const RECORD_USE = `
  UPDATE app_passwords SET last_used_at_ms = :atMs, last_used_address = :address
  WHERE id = :appPasswordId`;

/** The oldest deliveries beyond this number are dropped: the database has been failing for a while. */
const MAX_WAITING_DELIVERIES = 10_000;

/** The delayed writes of a SQLite database. */
export class SqliteDelayedWrites implements DelayedWrites {
  readonly #database: SqliteDatabase;
  readonly #batch: Batch;
  /** The deliveries of the next batch. */
  #waiting: NewDelivery[] = [];
  readonly #insertWaiting = () => this.#insertAll(this.#waiting);

  constructor(database: SqliteDatabase, batch: Batch) {
    this.#database = database;
    this.#batch = batch;
  }

  recordDelivery(delivery: NewDelivery): void {
    if (!this.#batch.has(this)) this.#waiting = [];
    this.#waiting.push(delivery);
    // Added again each time, so that it is never the oldest write, which is dropped first.
    this.#batch.add(this, this.#insertWaiting);
    if (this.#waiting.length > MAX_WAITING_DELIVERIES) this.#waiting.shift();
  }

  recordRefusedLogin(login: RefusedLogin): void {
    this.#batch.add(refusedLoginKey(login), () => this.#insertLogin(login));
  }

  recordUse(use: AppPasswordUse): void {
    const write = () => this.#database.prepare(RECORD_USE).run(use);
    this.#batch.add(`use ${use.appPasswordId}`, write);
  }

  rehash(id: string, hash: Uint8Array): void {
    this.#batch.add(`rehash ${id}`, () => this.#database.prepare(REHASH).run(hash, id));
  }

  flush(): Promise<void> {
    return Promise.try(() => this.#batch.flush());
  }

  tryFlush(): Promise<void> {
    return Promise.try(() => this.#batch.tryFlush());
  }

  /** Inserts deliveries, and counts them for the charts. Each counter is written once: one write for each row would be slow. */
  #insertAll(deliveries: readonly NewDelivery[]): void {
    const accountIds = new Set(deliveries.map(({ accountId }) => accountId));
    for (const id of accountIds) if (!this.#hasAccount(id)) accountIds.delete(id);
    const inserted = deliveries.filter(({ accountId }) => accountIds.has(accountId));
    for (const delivery of inserted) this.#insert({ ...delivery, attempts: 1 });
    const hour = ({ atMs }: NewDelivery) => atMs - atMs % HOUR_MS;
    const day = ({ atMs }: NewDelivery) => atMs - atMs % DAY_MS;
    for (const same of groups(inserted, (row) => `${hour(row)} ${row.outcome}`)) {
      this.#database.prepare(COUNT_HOUR).run(hour(same[0]!), same[0]!.outcome, same.length);
    }
    for (const same of groups(inserted, (row) => `${row.accountId} ${day(row)} ${row.outcome}`)) {
      const { accountId, outcome } = same[0]!;
      this.#database.prepare(COUNT_DAY).run(accountId, day(same[0]!), outcome, same.length);
    }
  }

  /** Whether the account still exists. A deleted one gets no row. */
  #hasAccount(id: string): boolean {
    return this.#database.prepare(ACCOUNT_EXISTS).get(id) !== undefined;
  }

  #insert(row: NewActivity): void {
    this.#database.prepare(INSERT).run(...DELIVERY_PROPERTIES.map((property) => row[property]));
  }

  #insertLogin(login: RefusedLogin): void {
    if (!this.#hasAccount(login.accountId)) return;
    const query = { ...login, sinceMs: login.atMs - HOUR_MS };
    if (this.#database.prepare(COUNT_AGAIN).run(query) > 0) return;
    const { count } = this.#database.prepare<{ count: number }>(COUNT_REFUSED_LOGINS).get(query)!;
    if (count < REFUSED_LOGINS_PER_HOUR) this.#insert(refusedLoginRow(login));
  }
}

function groups(
  rows: readonly NewDelivery[],
  keyOf: (row: NewDelivery) => string,
): Iterable<readonly NewDelivery[]> {
  return Map.groupBy(rows, keyOf).values();
}

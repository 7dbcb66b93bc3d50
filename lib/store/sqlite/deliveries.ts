/**
 * The record of mail transactions and refused logins in SQLite.
 *
 * @module
 */
import { DAY_MS, HOUR_MS } from "../../base/mod.ts";
import {
  type Delivery,
  type DeliveryCount,
  type DeliveryCountQuery,
  type DeliveryPage,
  type DeliveryQuery,
  type DeliverySearch,
  type DeliveryStore,
  type NewDelivery,
  REFUSED_LOGINS_PER_HOUR,
  type RefusedLogin,
  SEARCH_DEPTH,
} from "../store.ts";
import {
  BY_TIME,
  countersOf,
  type Horizon,
  NO_TRANSACTION,
  pageOf,
  planList,
  planSearch,
  SEARCHED_COLUMNS,
  type SearchPlan,
  SELECT_DELIVERIES,
  within,
} from "../delivery_rows.ts";
import type { Batch } from "./batch.ts";
import type { SqliteDatabase } from "./database.ts";
import { contains, type Parameter, where } from "./sql.ts";

/** In the order of {@linkcode valuesOf}. */
const COLUMNS = "account_id, stage, at_ms, app_password_id, client_address, sender, " +
  "original_sender, original_from, " +
  "recipient_count, recipients, refused_count, refused_reply, size_octets, duration_ms, reply, " +
  "cause, queue_id, outcome";

/** A row as it is inserted, after its first attempt. */
type InsertedRow = Omit<Delivery, "id" | "attempts">;

/**
 * Each message has such a row. Its parameters go by position, since binding by name takes as long as all the rest. One row at a
 * time, and not those of a SELECT, which may fail after some rows: SQLite would keep the pages as they were before each
 * statement, in a temporary file, which takes three times as long as the row.
 */
const INSERT = `
  INSERT INTO deliveries (${COLUMNS}) VALUES (${COLUMNS.replace(/\w+/g, "?")})`;

const ACCOUNT_EXISTS = "SELECT 1 FROM accounts WHERE id = ?";

const COUNT_AGAIN = `
  UPDATE deliveries SET attempts = attempts + 1 WHERE id = (
    SELECT id FROM deliveries WHERE stage = 'auth' AND account_id = :accountId AND at_ms > :sinceMs
      AND client_address = :clientAddress AND reply = :reply)`;

const REFUSED_LOGINS = `
  SELECT count(*) AS count FROM deliveries
  WHERE stage = 'auth' AND account_id = ? AND at_ms > ?`;

const COUNT_SENT = `
  SELECT coalesce(sum(recipient_count), 0) AS count FROM deliveries
  WHERE app_password_id = ? AND at_ms > ? AND stage = 'data' AND outcome IN ('accepted', 'unknown')`;

const DELETE_BEFORE = `
  DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE at_ms < ? LIMIT ?)`;
const DELETE_HOURS = "DELETE FROM delivery_hours WHERE hour_ms <= ?";
const DELETE_DAYS = "DELETE FROM delivery_days WHERE day_ms <= ?";

const COUNT_HOUR = `
  INSERT INTO delivery_hours VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET count = count + excluded.count`;
const COUNT_DAY = `
  INSERT INTO delivery_days VALUES (?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET count = count + excluded.count`;

/** The oldest deliveries beyond this number are dropped: the database has been failing for a while. */
const MAX_WAITING_DELIVERIES = 10_000;

export class SqliteDeliveries implements DeliveryStore {
  readonly #database: SqliteDatabase;
  readonly #batch: Batch;
  /** The deliveries of the next batch. */
  #waiting: NewDelivery[] = [];
  readonly #insertWaiting = () => this.#insertAll(this.#waiting);

  constructor(database: SqliteDatabase, batch: Batch) {
    this.#database = database;
    this.#batch = batch;
  }

  record(delivery: NewDelivery): Promise<void> {
    return Promise.try(() => {
      if (!this.#batch.has(this)) this.#waiting = [];
      this.#waiting.push(delivery);
      // Added again each time, so that it is never the oldest write, which a database that fails for long drops first.
      this.#batch.add(this, this.#insertWaiting);
      if (this.#waiting.length > MAX_WAITING_DELIVERIES) this.#waiting.shift();
    });
  }

  recordRefusedLogin(login: RefusedLogin): Promise<void> {
    const key = `login ${login.accountId} ${login.clientAddress} ${login.reply}`;
    return Promise.try(() => this.#batch.add(key, () => this.#insertLogin(login)));
  }

  list(query: DeliveryQuery): Promise<readonly Delivery[]> {
    return Promise.try(() => {
      this.#batch.tryFlush();
      const { known, others } = planList(query);
      const looked = [...others, contains(SEARCHED_COLUMNS, query.search)];
      const isDeep = query.accountId !== undefined && where(looked).sql !== "";
      const oldestId = isDeep ? this.#oldestId(known) : undefined;
      const { sql, parameters } = where([...known, ["deliveries.id >= ?", oldestId], ...looked]);
      return this.#database
        .prepare<Delivery>(`${SELECT_DELIVERIES} ${sql} ORDER BY deliveries.id DESC LIMIT ?`)
        .all(...parameters, query.limit);
    });
  }

  /** The last row that a list looks at. */
  #oldestId(known: SearchPlan["known"]): number | undefined {
    const { sql, parameters } = where(known);
    return this.#database
      .prepare<Horizon>(`SELECT id FROM deliveries ${sql} ORDER BY id DESC LIMIT 1 OFFSET ?`)
      .get(...parameters, SEARCH_DEPTH - 1)?.id;
  }

  search(query: DeliverySearch): Promise<DeliveryPage> {
    return Promise.try(() => {
      this.#batch.tryFlush();
      const { index, known, others } = planSearch(query);
      const looked = [...others, contains(SEARCHED_COLUMNS, query.search)];
      const horizon = where(looked).sql === "" ? undefined : this.#horizon({ index, known });
      const { sql, parameters } = where([...known, within(horizon), ...looked]);
      const rows = this.#database
        .prepare<Delivery>(`
          SELECT deliveries.*, app_passwords.name AS app_password_name
          FROM deliveries INDEXED BY ${index}
          LEFT JOIN app_passwords ON app_passwords.id = app_password_id ${sql} ${BY_TIME} LIMIT ?`)
        .all(...parameters, query.limit + 1);
      return pageOf(rows, query.limit, horizon);
    });
  }

  /** Reads nothing but the index. */
  #horizon({ index, known }: Pick<SearchPlan, "index" | "known">): Horizon | undefined {
    const { sql, parameters } = where(known);
    return this.#database
      .prepare<Horizon>(`
        SELECT at_ms, id FROM deliveries INDEXED BY ${index} ${sql} ${BY_TIME} LIMIT 1 OFFSET ?`)
      .get(...parameters, SEARCH_DEPTH - 1);
  }

  counts(query: DeliveryCountQuery): Promise<readonly DeliveryCount[]> {
    return Promise.try(() => {
      this.#batch.tryFlush();
      const { table, time } = countersOf(query);
      const { sql, parameters } = where([
        ["account_id = ?", query.accountId],
        [`${time} >= ?`, query.sinceMs],
      ]);
      return this.#database
        .prepare<DeliveryCount>(`
          SELECT ${time} - ${time} % ? AS start_ms, outcome, sum(count) AS count
          FROM ${table} ${sql} GROUP BY start_ms, outcome ORDER BY start_ms, outcome`)
        .all(query.spanMs, ...parameters);
    });
  }

  countSent(appPasswordId: string, sinceMs: number): Promise<number> {
    return Promise.try(() => {
      this.#batch.tryFlush();
      return this.#database.prepare<{ count: number }>(COUNT_SENT)
        .get(appPasswordId, sinceMs)!.count;
    });
  }

  deleteBefore(timeMs: number, limit: number): Promise<number> {
    return Promise.try(() =>
      this.#database.quickTransaction(() => {
        this.#database.prepare(DELETE_HOURS).run(timeMs - HOUR_MS);
        this.#database.prepare(DELETE_DAYS).run(timeMs - DAY_MS);
        return this.#database.prepare(DELETE_BEFORE).run(timeMs, limit);
      })
    );
  }

  /** Inserts deliveries and counts them for the charts, each hour and day once: row by row this would cost as much as the rows. */
  #insertAll(deliveries: readonly NewDelivery[]): void {
    const accountIds = new Set(deliveries.map(({ accountId }) => accountId));
    for (const id of accountIds) if (!this.#hasAccount(id)) accountIds.delete(id);
    const inserted = deliveries.filter(({ accountId }) => accountIds.has(accountId));
    for (const delivery of inserted) this.#insert(delivery);
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

  /** Whether the account is still there: one that was deleted in the meantime gets no row. */
  #hasAccount(id: string): boolean {
    return this.#database.prepare(ACCOUNT_EXISTS).get(id) !== undefined;
  }

  #insert(delivery: InsertedRow): void {
    this.#database.prepare(INSERT).run(...valuesOf(delivery));
  }

  #insertLogin(login: RefusedLogin): void {
    if (!this.#hasAccount(login.accountId)) return;
    const query = { ...login, sinceMs: login.atMs - HOUR_MS };
    if (this.#database.prepare(COUNT_AGAIN).runNamed(query) > 0) return;
    const { accountId, sinceMs } = query;
    const { count } = this.#database.prepare<{ count: number }>(REFUSED_LOGINS)
      .get(accountId, sinceMs)!;
    if (count < REFUSED_LOGINS_PER_HOUR) this.#insert({ ...NO_TRANSACTION, ...login });
  }
}

function groups(
  rows: readonly NewDelivery[],
  keyOf: (row: NewDelivery) => string,
): Iterable<readonly NewDelivery[]> {
  return Map.groupBy(rows, keyOf).values();
}

function valuesOf(delivery: InsertedRow): readonly Parameter[] {
  return [
    delivery.accountId,
    delivery.stage,
    delivery.atMs,
    delivery.appPasswordId,
    delivery.clientAddress,
    delivery.sender,
    delivery.originalSender,
    delivery.originalFrom,
    delivery.recipientCount,
    delivery.recipients,
    delivery.refusedCount,
    delivery.refusedReply,
    delivery.sizeOctets,
    delivery.durationMs,
    delivery.reply,
    delivery.cause,
    delivery.queueId,
    delivery.outcome,
  ];
}

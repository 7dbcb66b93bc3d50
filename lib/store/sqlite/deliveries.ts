/**
 * The record of mail transactions and refused logins in SQLite.
 *
 * @module
 */
import { HOUR_MS } from "../../base/mod.ts";
import {
  type Delivery,
  type DeliveryCount,
  type DeliveryCountQuery,
  type DeliveryQuery,
  type DeliveryStore,
  type NewDelivery,
  REFUSED_LOGINS_PER_HOUR,
  type RefusedLogin,
} from "../store.ts";
import { NO_TRANSACTION, SEARCHED_COLUMNS, SELECT_DELIVERIES } from "../delivery_rows.ts";
import type { Batch } from "./batch.ts";
import type { SqliteDatabase } from "./database.ts";
import { contains, type Parameter, where } from "./sql.ts";

/** In the order of {@linkcode valuesOf}. */
const COLUMNS = "account_id, stage, at_ms, app_password_id, client_address, sender, " +
  "original_sender, original_from, " +
  "recipient_count, recipients, refused_count, refused_reply, size_octets, duration_ms, reply, " +
  "cause, queue_id, outcome, attempts";

/**
 * An account that was deleted in the meantime gets no row. Its parameters go by position: each message has such a row, and
 * binding by name takes as long as all the rest.
 */
const INSERT = `
  INSERT INTO deliveries (${COLUMNS})
  SELECT ${COLUMNS.replace(/\w+/g, "?")} FROM accounts WHERE id = ?1`;

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

export class SqliteDeliveries implements DeliveryStore {
  readonly #database: SqliteDatabase;
  readonly #batch: Batch;

  constructor(database: SqliteDatabase, batch: Batch) {
    this.#database = database;
    this.#batch = batch;
  }

  record(delivery: NewDelivery): Promise<void> {
    return Promise.try(() =>
      this.#batch.add(delivery, () => this.#insert({ ...delivery, attempts: 1 }))
    );
  }

  recordRefusedLogin(login: RefusedLogin): Promise<void> {
    const key = `login ${login.accountId} ${login.clientAddress} ${login.reply}`;
    return Promise.try(() => this.#batch.add(key, () => this.#insertLogin(login)));
  }

  list(query: DeliveryQuery): Promise<readonly Delivery[]> {
    return Promise.try(() => {
      this.#batch.tryFlush();
      const { sql, parameters } = where([
        ["deliveries.account_id = ?", query.accountId],
        ["stage = ?", query.stage],
        ["outcome = ?", query.outcome],
        ["app_password_id = ?", query.appPasswordId],
        ["at_ms >= ?", query.sinceMs],
        ["at_ms < ?", query.untilMs],
        ["deliveries.id < ?", query.beforeId],
        ["deliveries.id > ?", query.afterId],
        contains(SEARCHED_COLUMNS, query.search),
      ]);
      return this.#database
        .prepare<Delivery>(`${SELECT_DELIVERIES} ${sql} ORDER BY deliveries.id DESC LIMIT ?`)
        .all(...parameters, query.limit);
    });
  }

  counts({ sinceMs, spanMs, accountId }: DeliveryCountQuery): Promise<readonly DeliveryCount[]> {
    return Promise.try(() => {
      this.#batch.tryFlush();
      const { sql, parameters } = where([
        ["stage <> ?", "auth"],
        ["at_ms >= ?", sinceMs],
        ["account_id = ?", accountId],
      ]);
      return this.#database
        .prepare<DeliveryCount>(`
          SELECT at_ms - at_ms % ? AS start_ms, outcome, count(*) AS count
          FROM deliveries ${sql} GROUP BY start_ms, outcome ORDER BY start_ms, outcome`)
        .all(spanMs, ...parameters);
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
      this.#database.quickTransaction(() =>
        this.#database.prepare(DELETE_BEFORE).run(timeMs, limit)
      )
    );
  }

  #insert(delivery: Omit<Delivery, "id">): void {
    this.#database.prepare(INSERT).run(...valuesOf(delivery));
  }

  #insertLogin(login: RefusedLogin): void {
    const query = { ...login, sinceMs: login.atMs - HOUR_MS };
    if (this.#database.prepare(COUNT_AGAIN).runNamed(query) > 0) return;
    const { accountId, sinceMs } = query;
    const { count } = this.#database.prepare<{ count: number }>(REFUSED_LOGINS)
      .get(accountId, sinceMs)!;
    if (count < REFUSED_LOGINS_PER_HOUR) this.#insert({ ...NO_TRANSACTION, ...login });
  }
}

function valuesOf(delivery: Omit<Delivery, "id">): readonly Parameter[] {
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
    delivery.attempts,
  ];
}

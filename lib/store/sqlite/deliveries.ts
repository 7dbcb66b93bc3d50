/**
 * The record of mail transactions in SQLite.
 *
 * @module
 */
import type {
  Delivery,
  DeliveryCount,
  DeliveryCountQuery,
  DeliveryQuery,
  DeliveryStore,
  NewDelivery,
} from "../store.ts";
import type { Batch } from "./batch.ts";
import type { SqliteDatabase } from "./database.ts";
import { contains, parametersFor, where } from "./sql.ts";

const COLUMNS = "at_ms, account_id, app_password_id, client_address, sender, recipient_count, " +
  "recipients, size_octets, duration_ms, reply, queue_id, outcome";

/** An account that was deleted in the meantime gets no row. */
const INSERT = `
  INSERT INTO deliveries (${COLUMNS})
  SELECT ${parametersFor(COLUMNS)} FROM accounts WHERE id = :accountId`;

const SELECT = `
  SELECT deliveries.*, app_passwords.name AS app_password_name
  FROM deliveries LEFT JOIN app_passwords ON app_passwords.id = app_password_id`;

const SEARCHED_COLUMNS = ["sender", "recipients", "reply", "queue_id", "client_address"];

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
    const write = () => this.#database.prepare(INSERT).runNamed(delivery);
    return Promise.try(() => this.#batch.add(delivery, write));
  }

  list(query: DeliveryQuery): Promise<readonly Delivery[]> {
    return Promise.try(() => {
      this.#batch.tryFlush();
      const { sql, parameters } = where([
        ["deliveries.account_id = ?", query.accountId],
        ["outcome = ?", query.outcome],
        ["deliveries.id < ?", query.beforeId],
        ["deliveries.id > ?", query.afterId],
        contains(SEARCHED_COLUMNS, query.search),
      ]);
      return this.#database
        .prepare<Delivery>(`${SELECT} ${sql} ORDER BY deliveries.id DESC LIMIT ?`)
        .all(...parameters, query.limit);
    });
  }

  counts({ sinceMs, spanMs, accountId }: DeliveryCountQuery): Promise<readonly DeliveryCount[]> {
    return Promise.try(() => {
      this.#batch.tryFlush();
      const { sql, parameters } = where([["at_ms >= ?", sinceMs], ["account_id = ?", accountId]]);
      return this.#database
        .prepare<DeliveryCount>(`
          SELECT at_ms - at_ms % ? AS start_ms, outcome, count(*) AS count
          FROM deliveries ${sql} GROUP BY start_ms, outcome ORDER BY start_ms, outcome`)
        .all(spanMs, ...parameters);
    });
  }

  deleteBefore(timeMs: number, limit: number): Promise<number> {
    return Promise.try(() =>
      this.#database.quickTransaction(() =>
        this.#database.prepare(DELETE_BEFORE).run(timeMs, limit)
      )
    );
  }
}

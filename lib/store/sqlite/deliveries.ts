/**
 * The record of mail transactions in SQLite.
 *
 * @module
 */
import type {
  Delivery,
  DeliveryCount,
  DeliveryCountQuery,
  DeliveryOutcome,
  DeliveryQuery,
  DeliveryStore,
  NewDelivery,
} from "../store.ts";
import type { Batch } from "./batch.ts";
import type { SqliteDatabase, Statement } from "./database.ts";
import { contains, where } from "./search.ts";

interface DeliveryRow {
  readonly id: number;
  readonly at_ms: number;
  readonly account_id: string;
  readonly app_password_id: string;
  readonly app_password_name: string | null;
  readonly client_address: string;
  readonly sender: string;
  readonly recipient_count: number;
  readonly recipients: string | null;
  readonly size_octets: number;
  readonly duration_ms: number;
  readonly reply: string | null;
  readonly queue_id: string | null;
  readonly outcome: DeliveryOutcome;
}

/** An account that was deleted in the meantime gets no row. */
const INSERT = `
  INSERT INTO deliveries (at_ms, account_id, app_password_id, client_address, sender,
    recipient_count, recipients, size_octets, duration_ms, reply, queue_id, outcome)
  SELECT ?1, id, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12 FROM accounts WHERE id = ?2`;

const SELECT = `
  SELECT deliveries.*, app_passwords.name AS app_password_name
  FROM deliveries LEFT JOIN app_passwords ON app_passwords.id = app_password_id`;

const SEARCHED_COLUMNS = ["sender", "recipients", "reply", "queue_id", "client_address"];

export class SqliteDeliveries implements DeliveryStore {
  readonly #database: SqliteDatabase;
  readonly #batch: Batch;
  readonly #insert: Statement<never>;
  readonly #deleteBefore: Statement<never>;

  constructor(database: SqliteDatabase, batch: Batch) {
    this.#database = database;
    this.#batch = batch;
    this.#insert = database.prepare(INSERT);
    this.#deleteBefore = database.prepare(`
      DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE at_ms < ? LIMIT ?)`);
  }

  record(delivery: NewDelivery): Promise<void> {
    return Promise.try(() => this.#batch.add(delivery, () => this.#write(delivery)));
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
        .prepare<DeliveryRow>(`${SELECT} ${sql} ORDER BY deliveries.id DESC LIMIT ?`)
        .all(...parameters, query.limit)
        .map(toDelivery);
    });
  }

  counts({ sinceMs, spanMs, accountId }: DeliveryCountQuery): Promise<readonly DeliveryCount[]> {
    return Promise.try(() => {
      this.#batch.tryFlush();
      const { sql, parameters } = where([["at_ms >= ?", sinceMs], ["account_id = ?", accountId]]);
      return this.#database
        .prepare<DeliveryCount>(`
          SELECT at_ms - at_ms % ? AS startMs, outcome, count(*) AS count
          FROM deliveries ${sql} GROUP BY startMs, outcome ORDER BY startMs, outcome`)
        .all(spanMs, ...parameters)
        .map((row) => ({ ...row }));
    });
  }

  deleteBefore(timeMs: number, limit: number): Promise<number> {
    return Promise.try(() =>
      this.#database.quickTransaction(() => this.#deleteBefore.run(timeMs, limit))
    );
  }

  #write(delivery: NewDelivery): void {
    this.#insert.run(
      delivery.atMs,
      delivery.accountId,
      delivery.appPasswordId,
      delivery.clientAddress,
      delivery.sender,
      delivery.recipientCount,
      delivery.recipients,
      delivery.sizeOctets,
      delivery.durationMs,
      delivery.reply,
      delivery.queueId,
      delivery.outcome,
    );
  }
}

function toDelivery(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    atMs: row.at_ms,
    accountId: row.account_id,
    appPasswordId: row.app_password_id,
    appPasswordName: row.app_password_name,
    clientAddress: row.client_address,
    sender: row.sender,
    recipientCount: row.recipient_count,
    recipients: row.recipients,
    sizeOctets: row.size_octets,
    durationMs: row.duration_ms,
    reply: row.reply,
    queueId: row.queue_id,
    outcome: row.outcome,
  };
}

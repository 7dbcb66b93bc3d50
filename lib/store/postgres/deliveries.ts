/**
 * The record of mail transactions and refused logins in PostgreSQL.
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
import type { PostgresBatch } from "./batch.ts";
import { LOCK_CLASS, LOCKS, type Statements } from "../shared_database.ts";
import type { PostgresDatabase } from "./database.ts";
import { contains, where } from "./sql.ts";

/** The columns with their types and properties. */
const COLUMNS = [
  ["stage", "text", "stage"],
  ["at_ms", "bigint", "atMs"],
  ["account_id", "text", "accountId"],
  ["app_password_id", "text", "appPasswordId"],
  ["client_address", "text", "clientAddress"],
  ["sender", "text", "sender"],
  ["original_sender", "text", "originalSender"],
  ["original_from", "text", "originalFrom"],
  ["recipient_count", "bigint", "recipientCount"],
  ["recipients", "text", "recipients"],
  ["refused_count", "bigint", "refusedCount"],
  ["refused_reply", "text", "refusedReply"],
  ["size_octets", "bigint", "sizeOctets"],
  ["duration_ms", "float8", "durationMs"],
  ["reply", "text", "reply"],
  ["cause", "text", "cause"],
  ["queue_id", "text", "queueId"],
  ["outcome", "text", "outcome"],
  ["attempts", "bigint", "attempts"],
] as const satisfies readonly (readonly [string, string, keyof Delivery])[];

const NAMES = COLUMNS.map(([name]) => name).join(", ");

/** In the order in which they were recorded. An account that was deleted in the meantime gets no row. */
const INSERT = `
  INSERT INTO deliveries (${NAMES})
  SELECT ${COLUMNS.map(([name]) => `new.${name}`).join(", ")}
  FROM unnest(${COLUMNS.map(([, type], index) => `$${index + 1}::${type}[]`).join(", ")})
    WITH ORDINALITY AS new (${NAMES}, number)
  JOIN accounts ON accounts.id = new.account_id
  ORDER BY new.number
  FOR KEY SHARE OF accounts`;

/** Held until the commit, so that rows become visible in the order of their ids. */
const LOCK = `SELECT pg_advisory_xact_lock(${LOCK_CLASS}, ${LOCKS.delivery})`;

const COUNT_AGAIN = `
  UPDATE deliveries SET attempts = attempts + 1 WHERE id = (
    SELECT id FROM deliveries WHERE stage = 'auth' AND account_id = :accountId AND at_ms > :sinceMs
      AND client_address = :clientAddress AND reply = :reply LIMIT 1)`;

const REFUSED_LOGINS = `
  SELECT count(*) AS count FROM deliveries
  WHERE stage = 'auth' AND account_id = $1 AND at_ms > $2`;

const COUNT_SENT = `
  SELECT coalesce(sum(recipient_count), 0)::bigint AS count FROM deliveries
  WHERE app_password_id = $1 AND at_ms > $2 AND stage = 'data' AND outcome IN ('accepted', 'unknown')`;

/** Several replicas may do this at the same time: each takes other rows. */
const DELETE_BEFORE = `
  DELETE FROM deliveries WHERE id IN (
    SELECT id FROM deliveries WHERE at_ms < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`;

export class PostgresDeliveries implements DeliveryStore {
  readonly #database: PostgresDatabase;
  readonly #batch: PostgresBatch;

  constructor(database: PostgresDatabase, batch: PostgresBatch) {
    this.#database = database;
    this.#batch = batch;
  }

  record(delivery: NewDelivery): Promise<void> {
    return this.#batch.add(delivery, insertLocked, { ...delivery, attempts: 1 });
  }

  recordRefusedLogin(login: RefusedLogin): Promise<void> {
    const key = `login ${login.accountId} ${login.clientAddress} ${login.reply}`;
    return this.#batch.add(key, insertLogins, login);
  }

  async list(query: DeliveryQuery): Promise<readonly Delivery[]> {
    await this.#batch.tryFlush();
    const { sql, parameters } = where([
      ["deliveries.account_id = ?", query.accountId],
      ["app_password_id = ?", query.appPasswordId],
      ["at_ms >= ?", query.sinceMs],
      ["at_ms < ?", query.untilMs],
      ["stage = ?", query.stage],
      ["outcome = ?", query.outcome],
      ["deliveries.id < ?", query.beforeId],
      ["deliveries.id > ?", query.afterId],
      contains(SEARCHED_COLUMNS, query.search),
    ]);
    const page = `ORDER BY deliveries.id DESC LIMIT $${parameters.length + 1}`;
    return await this.#database.allPatiently<Delivery>(
      `${SELECT_DELIVERIES} ${sql} ${page}`,
      ...parameters,
      query.limit,
    );
  }

  async counts(
    { sinceMs, spanMs, accountId }: DeliveryCountQuery,
  ): Promise<readonly DeliveryCount[]> {
    await this.#batch.tryFlush();
    const { sql, parameters } = where([
      ["stage <> ?", "auth"],
      ["at_ms >= ?", sinceMs],
      ["account_id = ?", accountId],
    ]);
    const span = `$${parameters.length + 1}::bigint`;
    return await this.#database.allPatiently<DeliveryCount>(
      `SELECT at_ms - at_ms % ${span} AS start_ms, outcome, count(*) AS count
       FROM deliveries ${sql} GROUP BY start_ms, outcome ORDER BY start_ms, outcome`,
      ...parameters,
      spanMs,
    );
  }

  async countSent(appPasswordId: string, sinceMs: number): Promise<number> {
    await this.#batch.tryFlush();
    const [row] = await this.#database.all<{ count: number }>(COUNT_SENT, appPasswordId, sinceMs);
    return row!.count;
  }

  deleteBefore(timeMs: number, limit: number): Promise<number> {
    return this.#database.run(DELETE_BEFORE, timeMs, limit);
  }
}

type NewRow = Omit<Delivery, "id" | "appPasswordName">;

async function insertLocked(statements: Statements, rows: readonly NewRow[]): Promise<void> {
  await statements.run(LOCK);
  await insert(statements, rows);
}

async function insert(statements: Statements, rows: readonly NewRow[]): Promise<void> {
  const columns = COLUMNS.map(([, , property]) => rows.map((row) => row[property] ?? null));
  await statements.run(INSERT, ...columns);
}

async function insertLogins(statements: Statements, logins: readonly RefusedLogin[]) {
  await statements.run(LOCK);
  for (const login of logins) {
    const query = { ...login, sinceMs: login.atMs - HOUR_MS };
    if (await statements.runNamed(COUNT_AGAIN, query) > 0) continue;
    const { accountId, sinceMs } = query;
    const [row] = await statements.all<{ count: number }>(REFUSED_LOGINS, accountId, sinceMs);
    if (row!.count >= REFUSED_LOGINS_PER_HOUR) continue;
    await insert(statements, [{ ...NO_TRANSACTION, ...login }]);
  }
}

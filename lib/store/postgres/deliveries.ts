/**
 * The record of mail transactions and refused logins in PostgreSQL.
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
import type { PostgresBatch, Writer } from "./batch.ts";
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

const ACCOUNT_PARAMETER = 1 + COLUMNS.findIndex(([name]) => name === "account_id");

const NAMES = COLUMNS.map(([name]) => name).join(", ");

/**
 * In the order in which they were recorded. An account that was deleted in the meantime gets no row; the others are locked, so
 * that they are deleted with their rows.
 */
const INSERT = `
  WITH living AS MATERIALIZED (
    SELECT id FROM accounts WHERE id IN (SELECT unnest($${ACCOUNT_PARAMETER}::text[])) FOR KEY SHARE)
  INSERT INTO deliveries (${NAMES})
  SELECT ${COLUMNS.map(([name]) => `new.${name}`).join(", ")}
  FROM unnest(${COLUMNS.map(([, type], index) => `$${index + 1}::${type}[]`).join(", ")})
    WITH ORDINALITY AS new (${NAMES}, number)
  JOIN living ON living.id = new.account_id
  ORDER BY new.number`;

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
const DELETE_HOURS = `
  DELETE FROM delivery_hours WHERE (hour_ms, outcome) IN (
    SELECT hour_ms, outcome FROM delivery_hours WHERE hour_ms <= $1 FOR UPDATE SKIP LOCKED)`;
const DELETE_DAYS = `
  DELETE FROM delivery_days WHERE (account_id, day_ms, outcome) IN (
    SELECT account_id, day_ms, outcome FROM delivery_days WHERE day_ms <= $1 FOR UPDATE SKIP LOCKED)`;

export class PostgresDeliveries implements DeliveryStore {
  readonly #database: PostgresDatabase;
  readonly #batch: PostgresBatch;

  constructor(database: PostgresDatabase, batch: PostgresBatch) {
    this.#database = database;
    this.#batch = batch;
  }

  record(delivery: NewDelivery): Promise<void> {
    return this.#batch.add(delivery, DELIVERIES, { ...delivery, attempts: 1 });
  }

  recordRefusedLogin(login: RefusedLogin): Promise<void> {
    const key = `login ${login.accountId} ${login.clientAddress} ${login.reply}`;
    return this.#batch.add(key, LOGINS, login);
  }

  async list(query: DeliveryQuery): Promise<readonly Delivery[]> {
    await this.#batch.tryFlush();
    const { known, others } = planList(query);
    const looked = [...others, contains(SEARCHED_COLUMNS, query.search)];
    const isDeep = query.accountId !== undefined && where(looked).sql !== "";
    const oldestId = isDeep ? await this.#oldestId(known) : undefined;
    const { sql, parameters } = where([...known, ["deliveries.id >= ?", oldestId], ...looked]);
    return await this.#database.allPatiently<Delivery>(
      `${SELECT_DELIVERIES} ${sql} ORDER BY deliveries.id DESC LIMIT $${parameters.length + 1}`,
      ...parameters,
      query.limit,
    );
  }

  /** The last row that a list looks at. */
  async #oldestId(known: SearchPlan["known"]): Promise<number | undefined> {
    const { sql, parameters } = where(known);
    const page = `ORDER BY id DESC LIMIT 1 OFFSET $${parameters.length + 1}`;
    const [row] = await this.#database.allPatiently<Horizon>(
      `SELECT id FROM deliveries ${sql} ${page}`,
      ...parameters,
      SEARCH_DEPTH - 1,
    );
    return row?.id;
  }

  async search(query: DeliverySearch): Promise<DeliveryPage> {
    await this.#batch.tryFlush();
    const { known, others } = planSearch(query);
    const looked = [...others, contains(SEARCHED_COLUMNS, query.search)];
    const horizon = where(looked).sql === "" ? undefined : await this.#horizon(known);
    const { sql, parameters } = where([...known, within(horizon), ...looked]);
    const rows = await this.#database.allPatiently<Delivery>(
      `${SELECT_DELIVERIES} ${sql} ${BY_TIME} LIMIT $${parameters.length + 1}`,
      ...parameters,
      query.limit + 1,
    );
    return pageOf(rows, query.limit, horizon);
  }

  async #horizon(known: SearchPlan["known"]): Promise<Horizon | undefined> {
    const { sql, parameters } = where(known);
    const [row] = await this.#database.allPatiently<Horizon>(
      `SELECT at_ms, id FROM deliveries ${sql} ${BY_TIME} LIMIT 1 OFFSET $${parameters.length + 1}`,
      ...parameters,
      SEARCH_DEPTH - 1,
    );
    return row;
  }

  async counts(query: DeliveryCountQuery): Promise<readonly DeliveryCount[]> {
    await this.#batch.tryFlush();
    const { table, time } = countersOf(query);
    const { sql, parameters } = where([
      ["account_id = ?", query.accountId],
      [`${time} >= ?`, query.sinceMs],
    ]);
    const span = `$${parameters.length + 1}::bigint`;
    return await this.#database.allPatiently<DeliveryCount>(
      `SELECT ${time} - ${time} % ${span} AS start_ms, outcome, sum(count)::bigint AS count
       FROM ${table} ${sql} GROUP BY start_ms, outcome ORDER BY start_ms, outcome`,
      ...parameters,
      query.spanMs,
    );
  }

  async countSent(appPasswordId: string, sinceMs: number): Promise<number> {
    await this.#batch.tryFlush();
    const [row] = await this.#database.all<{ count: number }>(COUNT_SENT, appPasswordId, sinceMs);
    return row!.count;
  }

  async deleteBefore(timeMs: number, limit: number): Promise<number> {
    await this.#database.run(DELETE_HOURS, timeMs - HOUR_MS);
    await this.#database.run(DELETE_DAYS, timeMs - DAY_MS);
    return await this.#database.run(DELETE_BEFORE, timeMs, limit);
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

/** Both lock the accounts of their rows. */
const DELIVERIES: Writer<NewRow> = { order: 1, write: insertLocked };
const LOGINS: Writer<RefusedLogin> = { order: 1, write: insertLogins };

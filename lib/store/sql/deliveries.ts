/**
 * The record of mail transactions and refused logins.
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
  type RefusedLogin,
  SEARCH_DEPTH,
} from "../store.ts";
import type { Dialect, SqlDatabase } from "./database.ts";
import type { DelayedWrites } from "./delayed_writes.ts";
import {
  BY_TIME,
  type Horizon,
  pageOf,
  planList,
  planSearch,
  SEARCHED_COLUMNS,
  type SearchPlan,
  within,
} from "./delivery_search.ts";
import { contains, where } from "./sql.ts";

const COUNT_SENT = `
  SELECT CAST(coalesce(sum(recipient_count), 0) AS bigint) AS count FROM deliveries
  WHERE app_password_id = ? AND at_ms > ? AND stage = 'data' AND outcome IN ('accepted', 'unknown')`;

const DELETE_HOURS = ({ skipLocked }: Dialect) => `
  DELETE FROM delivery_hours WHERE (hour_ms, outcome) IN (
    SELECT hour_ms, outcome FROM delivery_hours WHERE hour_ms <= ? ${skipLocked})`;
const DELETE_DAYS = ({ skipLocked }: Dialect) => `
  DELETE FROM delivery_days WHERE (account_id, day_ms, outcome) IN (
    SELECT account_id, day_ms, outcome FROM delivery_days WHERE day_ms <= ? ${skipLocked})`;
const DELETE_BEFORE = ({ skipLocked }: Dialect) => `
  DELETE FROM deliveries WHERE id IN (
    SELECT id FROM deliveries WHERE at_ms < ? LIMIT ? ${skipLocked}) RETURNING id`;

/** The record in a database. */
export class SqlDeliveries implements DeliveryStore {
  readonly #database: SqlDatabase;
  readonly #writes: DelayedWrites;

  constructor(database: SqlDatabase, writes: DelayedWrites) {
    this.#database = database;
    this.#writes = writes;
  }

  record(delivery: NewDelivery): Promise<void> {
    return Promise.try(() => this.#writes.recordDelivery(delivery));
  }

  recordRefusedLogin(login: RefusedLogin): Promise<void> {
    return Promise.try(() => this.#writes.recordRefusedLogin(login));
  }

  async list(query: DeliveryQuery): Promise<readonly Delivery[]> {
    await this.#writes.tryFlush();
    const { known, others } = planList(query);
    const inspected = [...others, this.#contains(query.search)];
    const isDeep = query.accountId !== undefined && where(inspected).sql !== "";
    const oldestId = isDeep ? await this.#oldestId(known) : undefined;
    const { sql, parameters } = where([...known, ["deliveries.id >= ?", oldestId], ...inspected]);
    return await this.#database.report(
      `${select()} ${sql} ORDER BY deliveries.id DESC LIMIT ?`,
      ...parameters,
      query.limit,
    );
  }

  /** Returns the id of the last row that a list looks at. */
  async #oldestId(known: SearchPlan["known"]): Promise<number | undefined> {
    const { sql, parameters } = where(known);
    const [row] = await this.#database.report<Horizon>(
      `SELECT id FROM deliveries ${sql} ORDER BY id DESC LIMIT 1 OFFSET ?`,
      ...parameters,
      SEARCH_DEPTH - 1,
    );
    return row?.id;
  }

  async search(query: DeliverySearch): Promise<DeliveryPage> {
    await this.#writes.tryFlush();
    const { index, known, others } = planSearch(query);
    const indexed = this.#database.dialect.indexedBy(index);
    const inspected = [...others, this.#contains(query.search)];
    const horizon = where(inspected).sql === "" ? undefined : await this.#horizon(indexed, known);
    const { sql, parameters } = where([...known, within(horizon), ...inspected]);
    const rows = await this.#database.report<Delivery>(
      `${select(indexed)} ${sql} ${BY_TIME} LIMIT ?`,
      ...parameters,
      query.limit + 1,
    );
    return pageOf(rows, query.limit, horizon);
  }

  /** Finds the last row that a search looks at. Reads nothing but the index. */
  async #horizon(indexed: string, known: SearchPlan["known"]): Promise<Horizon | undefined> {
    const { sql, parameters } = where(known);
    const [row] = await this.#database.report<Horizon>(
      `SELECT at_ms, id FROM deliveries ${indexed} ${sql} ${BY_TIME} LIMIT 1 OFFSET ?`,
      ...parameters,
      SEARCH_DEPTH - 1,
    );
    return row;
  }

  async counts({ accountId, sinceMs, spanMs }: DeliveryCountQuery) {
    await this.#writes.tryFlush();
    const [table, time] = accountId === undefined
      ? ["delivery_hours", "hour_ms"]
      : ["delivery_days", "day_ms"];
    const { sql, parameters } = where([
      ["account_id = ?", accountId],
      [`${time} >= ?`, sinceMs],
    ]);
    return await this.#database.report<DeliveryCount>(
      `SELECT ${time} - ${time} % CAST(? AS bigint) AS start_ms, outcome, CAST(sum(count) AS bigint) AS count
       FROM ${table} ${sql} GROUP BY start_ms, outcome ORDER BY start_ms, outcome`,
      spanMs,
      ...parameters,
    );
  }

  async countSent(appPasswordId: string, sinceMs: number): Promise<number> {
    await this.#writes.tryFlush();
    return (await this.#database.get<{ count: number }>(COUNT_SENT, appPasswordId, sinceMs))!.count;
  }

  async deleteBefore(timeMs: number, limit: number): Promise<number> {
    const { dialect } = this.#database;
    const deleted = await this.#database.transact([
      [DELETE_HOURS(dialect), timeMs - HOUR_MS],
      [DELETE_DAYS(dialect), timeMs - DAY_MS],
      [DELETE_BEFORE(dialect), timeMs, limit],
    ], "relaxed");
    return deleted.at(-1)!.length;
  }

  #contains(text: string | undefined) {
    return contains(this.#database.dialect.like, SEARCHED_COLUMNS, text);
  }
}

/** @param indexed Names the index. */
function select(indexed = ""): string {
  return `
  SELECT deliveries.*, app_passwords.name AS app_password_name
  FROM deliveries ${indexed} LEFT JOIN app_passwords ON app_passwords.id = app_password_id`;
}

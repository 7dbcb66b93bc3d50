/**
 * Rows of the record of deliveries, which are the same in every database.
 *
 * @module
 */
import type {
  Delivery,
  DeliveryCountQuery,
  DeliveryPage,
  DeliveryQuery,
  DeliverySearch,
} from "./store.ts";

/** The columns that a refused login does not have. */
export const NO_TRANSACTION = {
  stage: "auth",
  appPasswordId: "",
  sender: "",
  recipientCount: 0,
  refusedCount: 0,
  sizeOctets: 0,
  durationMs: 0,
  attempts: 1,
} as const;

/** Begins the statements that list deliveries. */
export const SELECT_DELIVERIES = `
  SELECT deliveries.*, app_passwords.name AS app_password_name
  FROM deliveries LEFT JOIN app_passwords ON app_passwords.id = app_password_id`;

/** The columns in which a search looks. */
export const SEARCHED_COLUMNS = [
  "sender",
  "original_from",
  "recipients",
  "reply",
  "queue_id",
  "client_address",
];

/** A condition with `?` for its parameters. It is left out when the first of them is `undefined`. */
type Condition = readonly [sql: string, ...parameters: (string | number | undefined)[]];

/** The way in which a search finds its rows. */
export interface SearchPlan {
  /** The index that leads to the rows in the order of their time, and that has the columns of {@linkcode known}. */
  readonly index: string;
  readonly known: readonly Condition[];
  /** Conditions that each row is looked at for, apart from a searched text. */
  readonly others: readonly Condition[];
}

/** Ends the statements of a search. */
export const BY_TIME = "ORDER BY at_ms DESC, deliveries.id DESC";

/** Chooses the index of a search. */
export function planSearch(query: DeliverySearch): SearchPlan {
  const account: Condition = ["deliveries.account_id = ?", query.accountId];
  const outcome: Condition = ["outcome = ?", query.outcome];
  const span: readonly Condition[] = [
    ["at_ms >= ?", query.sinceMs],
    ["at_ms < ?", query.untilMs],
    ["(at_ms, deliveries.id) < (SELECT at_ms, id FROM deliveries WHERE id = ?)", query.beforeId],
  ];
  if (query.stage) {
    const known = [["stage = 'auth' AND deliveries.account_id = ?", query.accountId], ...span];
    return { index: "refused_logins", known: known as Condition[], others: [outcome] };
  }
  if (query.appPasswordId !== undefined) {
    const known: Condition[] = [["app_password_id = ?", query.appPasswordId], ...span];
    return { index: "deliveries_by_app_password", known, others: [account, outcome] };
  }
  if (query.outcome === undefined || query.outcome === "accepted") {
    return { index: "deliveries_by_account_time", known: [account, ...span], others: [outcome] };
  }
  // Failures are few. An index of all outcomes would cost every message that is accepted as much as its row.
  const failed: Condition = [
    "outcome <> 'accepted' AND deliveries.account_id = ?",
    query.accountId,
  ];
  return { index: "failures_by_account", known: [failed, ...span], others: [outcome] };
}

/** The conditions of a list, and those that no index answers, apart from a searched text. */
export function planList(query: DeliveryQuery): Omit<SearchPlan, "index"> {
  return {
    known: [
      ["deliveries.account_id = ?", query.accountId],
      ["deliveries.id < ?", query.beforeId],
      ["deliveries.id > ?", query.afterId],
    ],
    others: [
      ["stage = ?", query.stage],
      ["outcome = ?", query.outcome],
      ["app_password_id = ?", query.appPasswordId],
      ["at_ms >= ?", query.sinceMs],
      ["at_ms < ?", query.untilMs],
    ],
  };
}

/** The last row that a search looks at. */
export type Horizon = Pick<Delivery, "atMs" | "id">;

/** Returns the condition that a row is not beyond the horizon. */
export function within(horizon: Horizon | undefined): Condition {
  return ["(at_ms, deliveries.id) >= (?, ?)", horizon?.atMs, horizon?.id];
}

/** Makes a page of the rows that a search has found. @param rows One more than the page has room for, if there are as many. */
export function pageOf(rows: readonly Delivery[], limit: number, horizon?: Horizon): DeliveryPage {
  const found = rows.slice(0, limit);
  const last = rows.length > limit ? found.at(-1) : horizon;
  return { found, olderThanId: last?.id };
}

/** Returns the table of the counters of a query, and the column with their time. */
export function countersOf({ accountId }: DeliveryCountQuery): { table: string; time: string } {
  return accountId === undefined
    ? { table: "delivery_hours", time: "hour_ms" }
    : { table: "delivery_days", time: "day_ms" };
}

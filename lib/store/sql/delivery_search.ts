/**
 * The ways in which lists and searches of deliveries find their rows.
 *
 * @module
 */
import type { Delivery, DeliveryPage, DeliveryQuery, DeliverySearch } from "../store.ts";
import type { Condition } from "./sql.ts";

/** The columns in which a search looks. */
export const SEARCHED_COLUMNS = [
  "sender",
  "original_from",
  "recipients",
  "reply",
  "queue_id",
  "client_address",
];

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

import { DAY_MS } from "../../../lib/base/mod.ts";
import {
  DELIVERY_OUTCOMES,
  type DeliveryQuery,
  type DeliverySearch,
} from "../../../lib/store/mod.ts";
import { searchIn } from "../../(_components)/search_form.tsx";

/** The value of `device` that stands for refused logins, which have no app password. */
export const REFUSED_LOGINS = "refused-logins";

/** The search in an address of the activity page, as entered; values that make no sense are left out. */
export interface ActivityFilter {
  readonly search?: string;
  readonly outcome?: DeliveryQuery["outcome"];
  /** Id of an app password, or {@linkcode REFUSED_LOGINS}. */
  readonly device?: string;
  /** First and last day, in UTC, such as `2026-11-27`. */
  readonly from?: string;
  readonly to?: string;
  readonly beforeId?: number;
}

/** Reads the query of an activity page. */
export function activityFilter(query: URLSearchParams): ActivityFilter {
  return {
    search: searchIn(query),
    outcome: DELIVERY_OUTCOMES.find((name) => name === query.get("outcome")),
    device: /^[\w-]{1,64}$/.exec(query.get("device") ?? "")?.[0],
    from: readDay(query.get("from")),
    to: readDay(query.get("to")),
    beforeId: readId(query.get("before")),
  };
}

/** Parses a delivery's id; undefined for anything else. */
export function readId(text: string | null): number | undefined {
  return /^\d{1,15}$/.test(text ?? "") ? Number(text) : undefined;
}

function readDay(text: string | null): string | undefined {
  const day = /^\d{4}-\d\d-\d\d$/.exec(text ?? "")?.[0];
  return day !== undefined && Number.isFinite(Date.parse(day)) ? day : undefined;
}

/** Returns the conditions that a filter stands for. */
export function conditionsOf(
  { search, outcome, device, from, to }: ActivityFilter,
): Omit<DeliverySearch, "accountId" | "limit"> {
  return {
    ...{ search, outcome },
    ...device === REFUSED_LOGINS ? { stage: "auth" as const } : { appPasswordId: device },
    sinceMs: from === undefined ? undefined : Date.parse(from),
    untilMs: to === undefined ? undefined : Date.parse(to) + DAY_MS,
  };
}

/** Whether a filter leaves something out. */
export function isFiltered({ beforeId: _, ...filter }: ActivityFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined);
}

/** Returns the query for a filter. `afterId`: for the stream of newer deliveries. */
export function activityQuery(
  { beforeId, afterId, ...entered }: ActivityFilter & Pick<DeliveryQuery, "afterId">,
): string {
  const fields = Object.entries({ ...entered, before: beforeId, after: afterId })
    .flatMap(([name, value]) => value === undefined ? [] : [[name, String(value)]]);
  return fields.length > 0 ? `?${new URLSearchParams(fields)}` : "";
}

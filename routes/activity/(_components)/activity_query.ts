import { DELIVERY_OUTCOMES, type DeliveryQuery } from "../../../lib/store/mod.ts";

export { DELIVERY_OUTCOMES as OUTCOMES };

const MAX_SEARCH_LENGTH = 200;

/** The search in an address of the activity page; values that make no sense are left out. */
export type ActivityFilter = Pick<DeliveryQuery, "search" | "outcome" | "beforeId">;

/** Reads the query of an activity page. */
export function activityFilter(query: URLSearchParams): ActivityFilter {
  const outcome = DELIVERY_OUTCOMES.find((name) => name === query.get("outcome"));
  const search = query.get("search")?.trim().slice(0, MAX_SEARCH_LENGTH) || undefined;
  return { search, outcome, beforeId: readId(query.get("before")) };
}

/** Parses a delivery's id; undefined for anything else. */
export function readId(text: string | null): number | undefined {
  return /^\d{1,15}$/.test(text ?? "") ? Number(text) : undefined;
}

/** Returns the query for a filter. `afterId`: for the stream of newer deliveries. */
export function activityQuery(
  { search, outcome, beforeId, afterId }: ActivityFilter & Pick<DeliveryQuery, "afterId">,
): string {
  const query = new URLSearchParams();
  if (search) query.set("search", search);
  if (outcome) query.set("outcome", outcome);
  if (beforeId !== undefined) query.set("before", String(beforeId));
  if (afterId !== undefined) query.set("after", String(afterId));
  return query.size > 0 ? `?${query}` : "";
}

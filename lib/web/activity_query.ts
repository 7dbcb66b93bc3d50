import type { DeliveryOutcome, DeliveryQuery } from "../store/mod.ts";

/** How transactions end, in the order in which a filter offers them. */
export const OUTCOMES: readonly DeliveryOutcome[] = [
  ...["accepted", "refused", "deferred", "unknown", "abandoned"] as const,
];

const MAX_SEARCH_LENGTH = 200;

/** What an address of the activity page asks for; what it cannot mean is left out. */
export type ActivityFilter = Pick<DeliveryQuery, "search" | "outcome" | "beforeId">;

/** Reads the query of an activity page. */
export function activityFilter(query: URLSearchParams): ActivityFilter {
  const outcome = OUTCOMES.find((name) => name === query.get("outcome"));
  const search = query.get("search")?.trim().slice(0, MAX_SEARCH_LENGTH) || undefined;
  return { search, outcome, beforeId: readId(query.get("before")) };
}

/** A delivery's id; undefined for anything else. */
export function readId(text: string | null): number | undefined {
  return /^\d{1,15}$/.test(text ?? "") ? Number(text) : undefined;
}

/** The query for a filter: the other way round. `afterId`: for the stream of what is newer. */
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

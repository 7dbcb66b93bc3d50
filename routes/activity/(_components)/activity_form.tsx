import { Icon, search } from "../../../lib/icons/mod.ts";
import type { DeliveryOutcome } from "../../../lib/store/mod.ts";
import { type ActivityFilter, OUTCOMES } from "./activity_query.ts";

const OUTCOME_TEXT: Readonly<Record<DeliveryOutcome, string>> = {
  accepted: "Accepted",
  refused: "Refused",
  deferred: "Try again later",
  unknown: "Unclear",
  abandoned: "Broken off",
};

/** Searches the activity. */
export function ActivityForm({ action, filter }: { action: string; filter: ActivityFilter }) {
  return (
    <form class="row search" action={action} role="search">
      <label>
        Search
        <input
          type="search"
          name="search"
          value={filter.search}
          placeholder="Address, reply, queue id"
          maxLength={200}
        />
      </label>
      <label>
        Outcome
        <select name="outcome">
          <option value="">All</option>
          {OUTCOMES.map((outcome) => (
            <option key={outcome} value={outcome} selected={outcome === filter.outcome}>
              {OUTCOME_TEXT[outcome]}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="quiet">
        <Icon shapes={search} />
        Search
      </button>
    </form>
  );
}

import { Icon, search } from "../../../lib/icons/mod.ts";
import type { AppPassword, DeliveryOutcome } from "../../../lib/store/mod.ts";
import { type ActivityFilter, OUTCOMES, REFUSED_LOGINS } from "./activity_query.ts";

const OUTCOME_TEXT: Readonly<Record<DeliveryOutcome, string>> = {
  accepted: "Accepted",
  refused: "Refused",
  deferred: "Try again later",
  unknown: "Unclear",
  abandoned: "Broken off",
};

interface ActivityFormProps {
  readonly action: string;
  readonly filter: ActivityFilter;
  readonly passwords: readonly AppPassword[];
}

/** Searches the activity. */
export function ActivityForm({ action, filter, passwords }: ActivityFormProps) {
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
        Device
        <select name="device">
          <option value="">All</option>
          {passwords.map(({ id, name }) => (
            <option key={id} value={id} selected={id === filter.device}>{name}</option>
          ))}
          <option value={REFUSED_LOGINS} selected={filter.device === REFUSED_LOGINS}>
            Refused logins
          </option>
        </select>
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
      <label class="day">
        From (UTC)
        <input type="date" name="from" value={filter.from} />
      </label>
      <label class="day">
        To (UTC)
        <input type="date" name="to" value={filter.to} />
      </label>
      <button type="submit" class="quiet">
        <Icon shapes={search} />
        Search
      </button>
    </form>
  );
}

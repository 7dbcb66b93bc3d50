import { OUTCOME } from "../../../islands/activity_list.tsx";
import { type AppPassword, DELIVERY_OUTCOMES } from "../../../lib/store/mod.ts";
import { SearchForm, Select } from "../../(_components)/search_form.tsx";
import { type ActivityFilter, REFUSED_LOGINS } from "./activity_query.ts";

interface ActivityFormProps {
  readonly action: string;
  readonly filter: ActivityFilter;
  readonly passwords: readonly AppPassword[];
}

/** Searches the activity. */
export function ActivityForm({ action, filter, passwords }: ActivityFormProps) {
  return (
    <SearchForm action={action} search={filter.search} placeholder="Address, reply, queue id">
      <Select
        label="Device"
        name="device"
        all="All"
        options={[
          ...passwords.map(({ id, name }) => [id, name] as const),
          [REFUSED_LOGINS, "Refused logins"],
        ]}
        selected={filter.device}
      />
      <Select
        label="Outcome"
        name="outcome"
        all="All"
        options={DELIVERY_OUTCOMES.map((outcome) => [outcome, OUTCOME[outcome].text])}
        selected={filter.outcome}
      />
      <label class="day">
        From (UTC)
        <input type="date" name="from" value={filter.from} />
      </label>
      <label class="day">
        To (UTC)
        <input type="date" name="to" value={filter.to} />
      </label>
    </SearchForm>
  );
}

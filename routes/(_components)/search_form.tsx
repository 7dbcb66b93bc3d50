import type { ComponentChildren } from "preact";
import { Icon, search as searchIcon } from "../../lib/icons/mod.ts";

const MAX_SEARCH_LENGTH = 200;

/** Reads the text that a search form looks for. */
export function searchIn(query: URLSearchParams): string | undefined {
  return query.get("search")?.trim().slice(0, MAX_SEARCH_LENGTH) || undefined;
}

interface SearchFormProps {
  readonly action: string;
  readonly search?: string;
  readonly placeholder: string;
  /** More fields. */
  readonly children: ComponentChildren;
}

/** A form that searches a list. */
export function SearchForm({ action, search, placeholder, children }: SearchFormProps) {
  return (
    <form class="row search" action={action} role="search">
      <label>
        Search
        <input
          type="search"
          name="search"
          value={search}
          placeholder={placeholder}
          maxLength={MAX_SEARCH_LENGTH}
          autocomplete="off"
        />
      </label>
      {children}
      <button type="submit" class="quiet">
        <Icon shapes={searchIcon} />
        Search
      </button>
    </form>
  );
}

interface SelectProps {
  readonly label: string;
  readonly name: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly selected?: string;
  /** The text of an option without a value. Absent: there is none. */
  readonly all?: string;
}

/** A labelled choice between options. */
export function Select({ label, name, options, selected, all }: SelectProps) {
  return (
    <label>
      {label}
      <select name={name}>
        {all && <option value="">{all}</option>}
        {options.map(([value, text]) => (
          <option key={value} value={value} selected={value === selected}>{text}</option>
        ))}
      </select>
    </label>
  );
}

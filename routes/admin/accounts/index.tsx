import { page } from "fresh";
import { Icon, search as searchIcon } from "../../../lib/icons/mod.ts";
import { ACCOUNT_STATES, type AccountState } from "../../../lib/store/mod.ts";
import { define } from "../../../lib/web/mod.ts";
import { PageLink } from "../../(_components)/page_link.tsx";
import { AccountTable, STATE_TEXT } from "../(_components)/account_table.tsx";
import { AdminNavigation } from "../(_components)/navigation.tsx";

const PAGE_SIZE = 50;
const MAX_SEARCH_LENGTH = 200;
const MAX_PAGE = 100_000;

/** The search in the address. */
interface AccountFilter {
  readonly search?: string;
  readonly state?: AccountState;
}

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Accounts";
    const { accounts } = ctx.state.services.store;
    const query = ctx.url.searchParams;
    const filter: AccountFilter = {
      search: query.get("search")?.trim().slice(0, MAX_SEARCH_LENGTH) || undefined,
      state: ACCOUNT_STATES.find((state) => state === query.get("state")),
    };
    const wanted = Number(query.get("page"));
    const number = Number.isInteger(wanted) && wanted >= 1 && wanted <= MAX_PAGE ? wanted : 1;
    return page({
      filter,
      number,
      total: await accounts.count(filter),
      accounts: await accounts.list({
        ...filter,
        limit: PAGE_SIZE,
        offset: (number - 1) * PAGE_SIZE,
      }),
    });
  },
});

/** All accounts, searched and in pages. */
export default define.page<typeof handler>(({ data, state: { site } }) => {
  const { filter, number, total, accounts } = data;
  const path = site.path("/admin/accounts");
  return (
    <>
      <h1>Accounts</h1>
      <AdminNavigation site={site} />
      <SearchForm action={path} filter={filter} />
      <p role="status">{total === 1 ? "1 account" : `${total} accounts`}</p>
      {accounts.length > 0 && <AccountTable accounts={accounts} site={site} />}
      <nav class="pages" aria-label="Pages">
        {number > 1 && <PageLink href={path + queryOf(filter, number - 1)}>Previous</PageLink>}
        {number * PAGE_SIZE < total && (
          <PageLink href={path + queryOf(filter, number + 1)}>Next</PageLink>
        )}
      </nav>
    </>
  );
});

function queryOf({ search, state }: AccountFilter, number: number): string {
  const query = new URLSearchParams({ page: String(number) });
  if (search) query.set("search", search);
  if (state) query.set("state", state);
  return `?${query}`;
}

function SearchForm({ action, filter }: { action: string; filter: AccountFilter }) {
  return (
    <form class="row search" action={action} role="search">
      <label>
        Search
        <input type="search" name="search" value={filter.search} placeholder="Address or name" />
      </label>
      <label>
        State
        <select name="state">
          <option value="">All</option>
          {ACCOUNT_STATES.map((state) => (
            <option key={state} value={state} selected={filter.state === state}>
              {STATE_TEXT[state]}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="quiet">
        <Icon shapes={searchIcon} />
        Search
      </button>
    </form>
  );
}

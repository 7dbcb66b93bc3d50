import { page } from "fresh";
import { Icon, search as searchIcon } from "../../../lib/icons/mod.ts";
import {
  ACCOUNT_ORDERS,
  ACCOUNT_STATES,
  type AccountOrder,
  type AccountState,
} from "../../../lib/store/mod.ts";
import { define } from "../../../lib/web/mod.ts";
import { PageLink } from "../../(_components)/page_link.tsx";
import { AccountTable, ORDERS, STATE_TEXT } from "../(_components)/account_table.tsx";
import { AdminNavigation } from "../(_components)/navigation.tsx";

const PAGE_SIZE = 50;
const MAX_SEARCH_LENGTH = 200;
const MAX_PAGE = 100_000;

/** The search and the order in the address. */
interface AccountFilter {
  readonly search?: string;
  readonly state?: AccountState;
  readonly order?: AccountOrder;
}

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Accounts – Admin";
    ctx.state.isWide = true;
    const { signUpPolicy, store: { accounts } } = ctx.state.services;
    const query = ctx.url.searchParams;
    const filter: AccountFilter = {
      search: query.get("search")?.trim().slice(0, MAX_SEARCH_LENGTH) || undefined,
      state: ACCOUNT_STATES.find((state) => state === query.get("state")),
      order: ACCOUNT_ORDERS.find((order) => order === query.get("order")),
    };
    const wanted = Number(query.get("page"));
    const number = Number.isInteger(wanted) && wanted >= 1 && wanted <= MAX_PAGE ? wanted : 1;
    const { search, state } = filter;
    const offset = (number - 1) * PAGE_SIZE;
    const found = await accounts.list({ ...filter, limit: PAGE_SIZE, offset });
    return page({
      filter,
      number,
      total: await accounts.count({ search, state }),
      accounts: found.map((account) => ({
        account,
        excludedBy: signUpPolicy.refusal(account)?.setting,
      })),
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
      <p role="status">{countText(data)}</p>
      {accounts.length > 0 && (
        <AccountTable
          accounts={accounts}
          site={site}
          order={filter.order ?? "email"}
          orderedBy={(order) => path + queryOf({ ...filter, order }, 1)}
        />
      )}
      <nav class="pages" aria-label="Pages">
        {number > 1 && <PageLink href={path + queryOf(filter, number - 1)}>Previous</PageLink>}
        {number * PAGE_SIZE < total && (
          <PageLink href={path + queryOf(filter, number + 1)}>Next</PageLink>
        )}
      </nav>
    </>
  );
});

function countText({ total, number, accounts }: {
  readonly total: number;
  readonly number: number;
  readonly accounts: readonly unknown[];
}): string {
  if (total <= PAGE_SIZE) return total === 1 ? "1 account" : `${total} accounts`;
  const first = (number - 1) * PAGE_SIZE + 1;
  return `${total} accounts, ${first} to ${first + accounts.length - 1} on this page`;
}

function queryOf({ search, state, order }: AccountFilter, number: number): string {
  const query = new URLSearchParams({ page: String(number) });
  if (search) query.set("search", search);
  if (state) query.set("state", state);
  if (order) query.set("order", order);
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
      <label>
        Sorted by
        <select name="order">
          {ORDERS.map(([order, name]) => (
            <option key={order} value={order} selected={filter.order === order}>{name}</option>
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

/**
 * Lists of accounts or mailboxes that are searched, sorted and shown page by page.
 *
 * @module
 */
import { Icon, search as searchIcon } from "../../../lib/icons/mod.ts";
import {
  ACCOUNT_STATES,
  type AccountOrder,
  type AccountRecord,
  type AccountState,
  type AccountStore,
} from "../../../lib/store/mod.ts";
import { PageLink } from "../../(_components)/page_link.tsx";
import { type Orders, STATE_TEXT } from "./account_table.tsx";

const PAGE_SIZE = 50;
const MAX_SEARCH_LENGTH = 200;

/** The search and the order in the address. */
export interface AccountFilter {
  readonly search?: string;
  readonly state?: AccountState;
  readonly order?: AccountOrder;
}

/** Represents the accounts of a list, and how they may be sorted. */
export interface ListedAccounts {
  readonly orders: Orders;
  /** Only mailboxes that nobody signs in to. */
  readonly appOnly?: true;
}

/** One page of a list. */
export interface AccountPage {
  readonly filter: AccountFilter;
  /** From 1. */
  readonly number: number;
  /** Accounts on all pages. */
  readonly total: number;
  readonly accounts: readonly AccountRecord[];
}

/** Reads the page that an address names; the last one if there are fewer. */
export async function readAccountPage(
  accounts: Pick<AccountStore, "list" | "count">,
  query: URLSearchParams,
  { orders, appOnly }: ListedAccounts,
): Promise<AccountPage> {
  const filter: AccountFilter = {
    search: query.get("search")?.trim().slice(0, MAX_SEARCH_LENGTH) || undefined,
    state: ACCOUNT_STATES.find((state) => state === query.get("state")),
    order: orders.find(([order]) => order === query.get("order"))?.[0],
  };
  const { search, state } = filter;
  const total = await accounts.count({ search, state, appOnly });
  const wanted = Number(query.get("page"));
  const number = Number.isSafeInteger(wanted) ? Math.max(1, Math.min(wanted, pageCount(total))) : 1;
  const offset = (number - 1) * PAGE_SIZE;
  const found = await accounts.list({ ...filter, appOnly, limit: PAGE_SIZE, offset });
  return { filter, number, total, accounts: found };
}

/** Returns the query of an address that shows a page of a list. */
export function accountQuery({ search, state, order }: AccountFilter, number = 1): string {
  const query = new URLSearchParams();
  if (search) query.set("search", search);
  if (state) query.set("state", state);
  if (order) query.set("order", order);
  if (number > 1) query.set("page", String(number));
  return query.size > 0 ? `?${query}` : "";
}

function pageCount(total: number): number {
  return Math.max(1, Math.ceil(total / PAGE_SIZE));
}

interface SearchProps {
  readonly action: string;
  readonly filter: AccountFilter;
  readonly orders: Orders;
}

/** A form that searches and sorts a list. */
export function AccountSearch({ action, filter, orders }: SearchProps) {
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
          {orders.map(([order, name]) => (
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

/** The number of rows in words, and the part of them on this page. @param noun In the singular. */
export function AccountCount({ page, noun }: { page: AccountPage; noun: string }) {
  const { total, number, accounts } = page;
  const all = `${total.toLocaleString("en")} ${total === 1 ? noun : nounPlural(noun)}`;
  const first = (number - 1) * PAGE_SIZE + 1;
  const part = `, ${first} to ${first + accounts.length - 1} on this page`;
  return <p role="status">{total > PAGE_SIZE ? all + part : all}</p>;
}

function nounPlural(noun: string): string {
  return noun.endsWith("x") ? `${noun}es` : `${noun}s`;
}

interface LinksProps {
  readonly page: AccountPage;
  readonly path: string;
}

/** Links to the pages before and after, and to the first and the last. */
export function AccountPageLinks({ page: { filter, number, total }, path }: LinksProps) {
  const count = pageCount(total);
  if (count === 1) return null;
  const to = (number: number) => path + accountQuery(filter, number);
  return (
    <nav class="pages" aria-label="Pages">
      {number > 2 && <PageLink href={to(1)}>First</PageLink>}
      {number > 1 && <PageLink href={to(number - 1)}>Previous</PageLink>}
      <span>
        Page {number} of {count}
      </span>
      {number < count && <PageLink href={to(number + 1)}>Next</PageLink>}
      {number < count - 1 && <PageLink href={to(count)}>Last</PageLink>}
    </nav>
  );
}

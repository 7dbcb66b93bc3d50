/**
 * Lists of accounts or mailboxes that are searched, sorted and shown page by page.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import {
  ACCOUNT_STATES,
  type AccountOrder,
  type AccountRecord,
  type AccountState,
  type AccountStore,
} from "../../../lib/store/mod.ts";
import { PageLink, PageLinks } from "../../(_components)/page_links.tsx";
import { SearchForm, searchIn, Select } from "../../(_components)/search_form.tsx";
import { type Orders, STATE_TEXT } from "./account_table.tsx";

const PAGE_SIZE = 50;

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
    search: searchIn(query),
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

interface AccountPagesProps {
  readonly page: AccountPage;
  readonly orders: Orders;
  readonly path: string;
  /** The noun for a row, in the singular. */
  readonly noun: string;
  /** Whether there is a search. Default: true. */
  readonly isSearched?: boolean;
  /** The table. */
  readonly children: ComponentChildren;
}

/** A table of accounts with its search, the number of its rows, and links to its other pages. */
export function AccountPages(
  { page, orders, path, noun, isSearched = true, children }: AccountPagesProps,
) {
  return (
    <>
      {isSearched && <AccountSearch filter={page.filter} orders={orders} path={path} />}
      {isSearched && <p role="status">{countText(page, noun)}</p>}
      {children}
      <AccountPageLinks page={page} path={path} />
    </>
  );
}

/** Whether a filter leaves something out. */
export function isFiltered({ search, state }: AccountFilter): boolean {
  return search !== undefined || state !== undefined;
}

type SearchProps = Pick<AccountPage, "filter"> & Pick<AccountPagesProps, "orders" | "path">;

function AccountSearch({ path, filter: { search, state, order }, orders }: SearchProps) {
  const states = ACCOUNT_STATES.map((state) => [state, STATE_TEXT[state]] as const);
  return (
    <SearchForm action={path} search={search} placeholder="Address or name">
      <Select label="State" name="state" all="All" options={states} selected={state} />
      <Select label="Sorted by" name="order" options={orders} selected={order} />
    </SearchForm>
  );
}

/** The number of rows in words, and the part of them on this page. */
function countText({ total, number, accounts }: AccountPage, noun: string): string {
  const all = `${total.toLocaleString("en")} ${total === 1 ? noun : nounPlural(noun)}`;
  const first = (number - 1) * PAGE_SIZE + 1;
  const part = `, ${first} to ${first + accounts.length - 1} on this page`;
  return total > PAGE_SIZE ? all + part : all;
}

function nounPlural(noun: string): string {
  return noun.endsWith("x") ? `${noun}es` : `${noun}s`;
}

type LinksProps = Pick<AccountPagesProps, "page" | "path">;

/** Links to the pages before and after, and to the first and the last. */
function AccountPageLinks({ page: { filter, number, total }, path }: LinksProps) {
  const count = pageCount(total);
  if (count === 1) return null;
  const to = (number: number) => path + accountQuery(filter, number);
  return (
    <PageLinks>
      {number > 2 && <PageLink href={to(1)}>First</PageLink>}
      {number > 1 && <PageLink href={to(number - 1)}>Previous</PageLink>}
      <span>
        Page {number} of {count}
      </span>
      {number < count && <PageLink href={to(number + 1)}>Next</PageLink>}
      {number < count - 1 && <PageLink href={to(count)}>Last</PageLink>}
    </PageLinks>
  );
}

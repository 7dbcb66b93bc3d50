import { explainState } from "../../../lib/accounts/mod.ts";
import type { AccountOrder, AccountRecord, AccountState } from "../../../lib/store/mod.ts";
import type { Site } from "../../../lib/web/mod.ts";
import { UtcTime } from "../../(_components)/utc_time.tsx";
import { StackedTable } from "./stacked_table.tsx";

/** The states of accounts in the words of the command line. */
export const STATE_TEXT: Readonly<Record<AccountState, string>> = {
  "active": "active",
  "refused": "refused by the submission server",
  "sign-in-required": "sign in required",
};

/** An account, and the filter that excludes it by now. */
export interface ListedAccount {
  readonly account: AccountRecord;
  /** The setting that excludes it. */
  readonly excludedBy?: string;
}

interface SortedHeads {
  readonly orders: Orders;
  readonly order: AccountOrder;
  /** Returns the address of the same list in another order. */
  orderedBy(order: AccountOrder): string;
}

interface AccountTableProps extends Omit<SortedHeads, "orders"> {
  readonly accounts: readonly ListedAccount[];
  readonly site: Site;
}

/** Orders of a list, with the columns that it is sorted by. */
export type Orders = readonly (readonly [order: AccountOrder, name: string])[];

/** The columns of a list of accounts, by each of which it can be sorted. */
export const ORDERS: Orders = [
  ["email", "Mailbox"],
  ["state", "State"],
  ["renewed", "Last renewed"],
  ["created", "Since"],
];

/** Accounts, one a row; on small screens, one a card. */
export function AccountTable({ accounts, site, order, orderedBy }: AccountTableProps) {
  return (
    <StackedTable
      caption="Accounts"
      columns={sortedHeads({ orders: ORDERS, order, orderedBy })}
    >
      {accounts.map((listed) => <AccountRow key={listed.account.id} listed={listed} site={site} />)}
    </StackedTable>
  );
}

/** Returns the heads of columns that sort a list. */
export function sortedHeads({ orders, order, orderedBy }: SortedHeads) {
  return orders.map(([name, text]) => (
    <th key={name} scope="col" aria-sort={name === order ? SORTED[name] : undefined}>
      <a href={orderedBy(name)} aria-current="false">{text}</a>
    </th>
  ));
}

/** The direction of each order. */
const SORTED = {
  email: "ascending",
  state: "descending",
  renewed: "descending",
  created: "descending",
} as const;

function AccountRow({ listed: { account, excludedBy }, site }: {
  listed: ListedAccount;
  site: Site;
}) {
  return (
    <tr>
      <th scope="row">
        <a href={site.path(`/admin/accounts/${account.id}`)}>{account.email}</a>
        <span class="fine-print">{account.displayName}</span>
      </th>
      <td data-label="State">
        <StateBadge account={account} excludedBy={excludedBy} />
      </td>
      <td data-label="Last renewed">
        {!account.appOnly && <UtcTime ms={account.refreshedAtMs} />}
      </td>
      <td data-label="Since">
        <UtcTime ms={account.createdAtMs} />
      </td>
    </tr>
  );
}

/** Shows whether an account can send, and may. */
export function StateBadge({ account, excludedBy }: ListedAccount) {
  const { state } = account;
  return (
    <span class="badges">
      {excludedBy && <span class="badge bad">excluded by {excludedBy}</span>}
      {state === "active"
        ? <span class="badge good">{STATE_TEXT[state]}</span>
        : (
          <span class="badge bad">
            {STATE_TEXT[state]} ({explainState(account)?.code})
          </span>
        )}
    </span>
  );
}

import LocalTime from "../../../islands/local_time.tsx";
import { explainState } from "../../../lib/accounts/mod.ts";
import type { AccountRecord, AccountState } from "../../../lib/store/mod.ts";
import type { Site } from "../../../lib/web/mod.ts";

/** The states of accounts, as an administrator reads them. */
export const STATE_TEXT: Readonly<Record<AccountState, string>> = {
  "active": "working",
  "refused": "refused by Microsoft",
  "sign-in-required": "needs a new sign-in",
};

interface AccountTableProps {
  readonly accounts: readonly AccountRecord[];
  readonly site: Site;
}

/** Accounts, one a row. */
export function AccountTable({ accounts, site }: AccountTableProps) {
  return (
    <div class="table-frame" tabIndex={0} role="region" aria-label="Accounts">
      <table>
        <thead>
          <tr>
            <th scope="col">Mailbox</th>
            <th scope="col">State</th>
            <th scope="col">Last renewed</th>
            <th scope="col">Since</th>
          </tr>
        </thead>
        <tbody>
          {accounts.map((account) => (
            <tr key={account.id}>
              <th scope="row">
                <a href={site.path(`/admin/accounts/${account.id}`)}>{account.email}</a>
                <span class="fine-print">{account.displayName}</span>
              </th>
              <td>
                <StateBadge account={account} />
              </td>
              <td>
                {!account.appOnly && <LocalTime ms={account.refreshedAtMs} />}
              </td>
              <td>
                <LocalTime ms={account.createdAtMs} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Shows whether an account can send. */
export function StateBadge({ account }: { account: AccountRecord }) {
  const { state } = account;
  if (state === "active") return <span class="badge good">{STATE_TEXT[state]}</span>;
  return <span class="badge bad">{STATE_TEXT[state]} ({explainState(account)?.code})</span>;
}

import LocalTime from "../../../islands/local_time.tsx";
import { explainReason } from "../../../lib/explain/mod.ts";
import type { AccountRecord, AccountState } from "../../../lib/store/mod.ts";
import type { Site } from "../../../lib/web/mod.ts";

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
                <StateBadge state={account.state} reason={account.stateReason} />
              </td>
              <td>
                <LocalTime ms={account.refreshedAtMs} />
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

/** Whether an account can send. */
export function StateBadge({ state, reason }: { state: AccountState; reason?: string }) {
  return state === "active" ? <span class="badge good">working</span> : (
    <span class="badge bad">
      needs a new sign-in{reason && ` (${explainReason(reason).code})`}
    </span>
  );
}

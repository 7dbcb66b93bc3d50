import FileText from "../../../../islands/file_text.tsx";
import type { RegistrationStatus } from "../../../../lib/microsoft/mod.ts";
import type { AccountRecord, AppPasswordCount, Invitation } from "../../../../lib/store/mod.ts";
import type { Site } from "../../../../lib/web/mod.ts";
import { ErrorSummary, type FormProblem, TextArea } from "../../../(_components)/form_problem.tsx";
import { Select } from "../../../(_components)/search_form.tsx";
import { UtcTime } from "../../../(_components)/utc_time.tsx";
import {
  type AccountPage,
  AccountPages,
  accountQuery,
  isFiltered,
} from "../../(_components)/account_pages.tsx";
import { type Orders, sortedHeads, StateBadge } from "../../(_components)/account_table.tsx";
import { AdminNavigation } from "../../(_components)/navigation.tsx";
import { StackedTable } from "../../(_components)/stacked_table.tsx";
import { InvitationCard } from "./invitations.tsx";
import { CheckAllForm } from "./proof.tsx";

/** The name of the form for new mailboxes. */
export const MAILBOX_FORM = "mailbox";

/** Fewer mailboxes are found without a search. */
const MIN_SEARCHED = 10;

/** The columns by which mailboxes can be sorted. */
export const ORDERS: Orders = [["email", "Mailbox"], ["state", "State"]];

/** A mailbox and the use of its devices. */
export interface ShownMailbox {
  readonly account: AccountRecord;
  readonly devices: AppPasswordCount;
}

/** The data of the organisation page. */
export interface Organisation {
  /** Those that can send for mailboxes. */
  readonly registrations: readonly RegistrationStatus[];
  readonly found: AccountPage;
  /** Devices by the ids of their mailboxes. */
  readonly devices: ReadonlyMap<string, AppPasswordCount>;
  readonly invitations: readonly Invitation[];
  readonly problem?: FormProblem;
}

interface OrganisationProps {
  readonly data: Organisation;
  readonly site: Site;
}

/** The mailboxes of an organisation that devices send from without a person's sign-in. */
export function OrganisationView({ data, site }: OrganisationProps) {
  const { registrations, problem } = data;
  return (
    <>
      <ErrorSummary problem={problem} />
      <h1>Organisation</h1>
      <AdminNavigation site={site} />
      <p>
        Mailboxes that nobody signs in to. Your app registration sends for them, so that nothing
        stops when somebody leaves or changes a password.
      </p>
      <div class="organisation">
        {registrations.length === 0
          ? <NoRegistration site={site} />
          : <AddForm registrations={registrations} problem={problem} site={site} />}
        <section class="list" aria-labelledby="mailboxes">
          <h2 id="mailboxes">Mailboxes</h2>
          <Mailboxes data={data} site={site} />
        </section>
        <InvitationCard invitations={data.invitations} problem={problem} site={site} />
      </div>
    </>
  );
}

function NoRegistration({ site }: { site: Site }) {
  return (
    <section class="card notice warning" aria-labelledby="no-registration">
      <h2 id="no-registration">No app registration can send for mailboxes yet</h2>
      <p>
        It takes an app registration of your organisation, with a certificate or a secret, and the
        right to send for each mailbox.
      </p>
      <p>
        <a class="button" href={site.path("/admin/organisation/setup")}>Set it up at Microsoft</a>
      </p>
    </section>
  );
}

interface AddFormProps {
  readonly registrations: readonly RegistrationStatus[];
  readonly problem?: FormProblem;
  readonly site: Site;
}

function AddForm({ registrations, problem, site }: AddFormProps) {
  return (
    <section class="card" aria-labelledby="add">
      <h2 id="add">Add mailboxes</h2>
      <form method="post" action={site.path("/admin/organisation")}>
        <TextArea
          form={MAILBOX_FORM}
          name="mailboxes"
          label="One mailbox per line: its address, then optionally a comma and a name"
          problem={problem}
          area={{ rows: 4, required: true, placeholder: "scans@contoso.example, Scanners" }}
          help="A CSV file works as well, from a spreadsheet or from Get-Mailbox | Export-Csv."
        />
        <FileText target={`${MAILBOX_FORM}-mailboxes`} label="Read a CSV file" />
        {registrations.length > 1 && (
          <Select
            label="App registration that sends for them"
            name="registration"
            options={registrations.map(({ clientId, tenant }) => [
              clientId,
              `${clientId} (${tenant})`,
            ])}
          />
        )}
        <div class="actions">
          <button type="submit">Add</button>
          <a class="button quiet" href={site.path("/admin/organisation/setup")}>
            Rights at Microsoft
          </a>
        </div>
      </form>
    </section>
  );
}

function Mailboxes({ data: { found, devices }, site }: OrganisationProps) {
  const path = site.path("/admin/organisation");
  const { filter, total } = found;
  if (total === 0 && !isFiltered(filter)) return <p class="empty">There are none yet.</p>;
  return (
    <>
      <AccountPages
        page={found}
        orders={ORDERS}
        path={path}
        noun="mailbox"
        isSearched={isFiltered(filter) || total > MIN_SEARCHED}
      >
        {total === 0
          ? <p class="empty">Nothing matches.</p>
          : <MailboxTable found={found} devices={devices} site={site} path={path} />}
      </AccountPages>
      <CheckAllForm site={site} label="Check that all can send" />
    </>
  );
}

interface TableProps extends Pick<Organisation, "found" | "devices"> {
  readonly site: Site;
  readonly path: string;
}

function MailboxTable({ found: { filter, accounts }, devices, site, path }: TableProps) {
  return (
    <StackedTable
      caption="Mailboxes"
      columns={[
        ...sortedHeads({
          orders: ORDERS,
          order: filter.order ?? "email",
          orderedBy: (order) => path + accountQuery({ ...filter, order }),
        }),
        "Devices",
        "Last used",
      ]}
    >
      {accounts.map((account) => (
        <MailboxRow
          key={account.id}
          account={account}
          devices={devices.get(account.id) ?? { count: 0 }}
          site={site}
        />
      ))}
    </StackedTable>
  );
}

function MailboxRow({ account, devices, site }: ShownMailbox & { site: Site }) {
  return (
    <tr>
      <th scope="row">
        <a href={site.path(`/admin/organisation/${account.id}`)}>{account.email}</a>
        <span class="fine-print">{account.displayName}</span>
      </th>
      <td data-label="State">
        <MailboxBadge account={account} devices={devices} />
      </td>
      <td data-label="Devices">{devices.count}</td>
      <td data-label="Last used">
        {devices.lastUsedAtMs === undefined ? "never" : <UtcTime ms={devices.lastUsedAtMs} />}
      </td>
    </tr>
  );
}

/** The state of a mailbox: that it works shows when a device has used it. */
export function MailboxBadge({ account, devices: { lastUsedAtMs } }: ShownMailbox) {
  return account.state === "active" && lastUsedAtMs === undefined
    ? <span class="badge">not used yet</span>
    : <StateBadge account={account} />;
}

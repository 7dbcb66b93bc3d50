import { page } from "fresh";
import LocalTime from "../../../islands/local_time.tsx";
import { AUDIT_ACTIONS } from "../../../lib/admin/mod.ts";
import type { AuditEntry } from "../../../lib/store/mod.ts";
import { define } from "../../../lib/web/mod.ts";
import { auditFilter, auditQuery } from "./(_components)/audit_filter.ts";
import { AdminNavigation } from "../(_components)/navigation.tsx";

const ENTRIES_SHOWN = 50;

export const handler = define.handlers({
  async GET({ url: { searchParams }, state }) {
    state.title = "Audit trail";
    const filter = auditFilter(searchParams);
    const beforeId = idIn(searchParams.get("before"));
    const found = await state.services.store.audit.list({
      ...{ ...filter, beforeId },
      limit: ENTRIES_SHOWN + 1,
    });
    const entries = found.slice(0, ENTRIES_SHOWN);
    const olderThan = found.length > ENTRIES_SHOWN ? entries.at(-1)?.id : undefined;
    return page({ entries, filter, olderThan });
  },
});

function idIn(text: string | null): number | undefined {
  const id = Number(text);
  return Number.isSafeInteger(id) && id > 0 ? id : undefined;
}

/** The audit trail of accounts, mailboxes and app passwords. */
export default define.page<typeof handler>(({ data, state: { site, services } }) => {
  const { entries, filter, olderThan } = data;
  const path = site.path("/admin/audit");
  const isFiltered = filter.search !== undefined || filter.action !== undefined;
  return (
    <>
      <h1>Audit trail</h1>
      <AdminNavigation site={site} />
      <p>
        Who did what to accounts, mailboxes and app passwords, and who signed in to these pages.
        Entries are kept for {services.activity.retentionDays} days, as the activity is.
      </p>
      <form class="row" method="get" action={path} role="search">
        <label>
          Search
          <input type="search" name="search" value={filter.search ?? ""} autocomplete="off" />
        </label>
        <label>
          What
          <select name="action">
            <option value="">Everything</option>
            {AUDIT_ACTIONS.map((action) => (
              <option key={action} value={action} selected={filter.action === action}>
                {action}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="quiet">Search</button>
      </form>
      {entries.length === 0
        ? <p class="empty">{isFiltered ? "Nothing matches." : "Nothing has been done yet."}</p>
        : <Entries entries={entries} />}
      {entries.length > 0 && (
        <p class="pages">
          {olderThan !== undefined && (
            <a class="button quiet" href={path + auditQuery(filter, { before: `${olderThan}` })}>
              Older
            </a>
          )}
          <a class="button quiet" href={`${path}/export.csv${auditQuery(filter)}`}>
            Download as CSV
          </a>
        </p>
      )}
    </>
  );
});

function Entries({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <div class="table-frame" tabIndex={0} role="region" aria-label="Audit trail">
      <table class="audit">
        <thead>
          <tr>
            <th scope="col">Who and when</th>
            <th scope="col">What</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(({ id, atMs, actor, action, subject }) => (
            <tr key={id}>
              <td>
                <span>{actor}</span>
                <span class="fine-print">
                  <LocalTime ms={atMs} />
                </span>
              </td>
              <td>
                <span>{action}</span>
                <span>{subject}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

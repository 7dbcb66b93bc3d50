import { page } from "fresh";
import { AUDIT_ACTIONS } from "../../../lib/admin/mod.ts";
import type { AuditEntry } from "../../../lib/store/mod.ts";
import { define } from "../../../lib/web/mod.ts";
import { NewestFirstLinks } from "../../(_components)/page_links.tsx";
import { SearchForm, Select } from "../../(_components)/search_form.tsx";
import { UtcTime } from "../../(_components)/utc_time.tsx";
import { auditFilter, auditQuery } from "./(_components)/audit_filter.ts";
import { AdminNavigation } from "../(_components)/navigation.tsx";
import { StackedTable } from "../(_components)/stacked_table.tsx";

const ENTRIES_SHOWN = 50;

export const handler = define.handlers({
  async GET({ url: { searchParams }, state }) {
    state.title = "Audit trail – Admin";
    state.isWide = true;
    const filter = auditFilter(searchParams);
    const beforeId = idIn(searchParams.get("before"));
    const found = await state.services.store.audit.list({
      ...{ ...filter, beforeId },
      limit: ENTRIES_SHOWN + 1,
    });
    const entries = found.slice(0, ENTRIES_SHOWN);
    const olderThan = found.length > ENTRIES_SHOWN ? entries.at(-1)?.id : undefined;
    return page({ entries, filter, olderThan, isFirst: beforeId === undefined });
  },
});

function idIn(text: string | null): number | undefined {
  const id = Number(text);
  return Number.isSafeInteger(id) && id > 0 ? id : undefined;
}

/** The audit trail of accounts, mailboxes and app passwords. */
export default define.page<typeof handler>(({ data, state: { site, services } }) => {
  const { entries, filter, olderThan, isFirst } = data;
  const path = site.path("/admin/audit");
  const isFiltered = filter.search !== undefined || filter.action !== undefined;
  return (
    <>
      <h1>Audit trail</h1>
      <AdminNavigation site={site} />
      <p>
        Who did what to accounts, mailboxes and app passwords, and who signed in to these pages.
        Entries are kept for {services.activity.retentionDays} days.
      </p>
      <SearchForm action={path} search={filter.search} placeholder="Address or device">
        <Select
          label="What"
          name="action"
          all="Everything"
          options={AUDIT_ACTIONS.map((action) => [action, action])}
          selected={filter.action}
        />
      </SearchForm>
      {entries.length === 0
        ? <p class="empty">{isFiltered ? "Nothing matches." : "Nothing has been done yet."}</p>
        : <Entries entries={entries} />}
      <NewestFirstLinks
        newest={isFirst ? undefined : path + auditQuery(filter)}
        older={olderThan === undefined
          ? undefined
          : path + auditQuery(filter, { before: `${olderThan}` })}
        csv={entries.length > 0 ? `${path}/export.csv${auditQuery(filter)}` : undefined}
      />
    </>
  );
});

function Entries({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <StackedTable caption="Audit trail" columns={["Time", "Who", "What", "To what"]}>
      {entries.map(({ id, atMs, actor, action, subject }) => (
        <tr key={id}>
          <td data-label="Time">
            <UtcTime ms={atMs} />
          </td>
          <td data-label="Who">{actor}</td>
          <td data-label="What">{action}</td>
          <td data-label="To what">{subject !== actor && subject}</td>
        </tr>
      ))}
    </StackedTable>
  );
}

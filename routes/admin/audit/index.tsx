import { page } from "fresh";
import LocalTime from "../../../islands/local_time.tsx";
import type { AuditEntry } from "../../../lib/store/mod.ts";
import { define } from "../../../lib/web/mod.ts";
import { AdminNavigation } from "../(_components)/navigation.tsx";

const ENTRIES_SHOWN = 50;

export const handler = define.handlers({
  async GET({ url: { searchParams }, state }) {
    state.title = "Audit trail";
    const search = searchParams.get("search")?.trim() || undefined;
    const beforeId = idIn(searchParams.get("before"));
    const found = await state.services.store.audit.list({
      ...{ search, beforeId },
      limit: ENTRIES_SHOWN + 1,
    });
    const entries = found.slice(0, ENTRIES_SHOWN);
    const olderThan = found.length > ENTRIES_SHOWN ? entries.at(-1)?.id : undefined;
    return page({ entries, search, olderThan });
  },
});

function idIn(text: string | null): number | undefined {
  const id = Number(text);
  return Number.isSafeInteger(id) && id > 0 ? id : undefined;
}

/** The audit trail of accounts, mailboxes and app passwords. */
export default define.page<typeof handler>(({ data, state: { site, services } }) => {
  const { entries, search, olderThan } = data;
  const older = new URLSearchParams({ ...search && { search }, before: `${olderThan}` });
  return (
    <>
      <h1>Audit trail</h1>
      <AdminNavigation site={site} />
      <p>
        Who did what to accounts, mailboxes and app passwords. Entries are kept for{" "}
        {services.activity.retentionDays} days, as the activity is.
      </p>
      <form class="row" method="get" action={site.path("/admin/audit")} role="search">
        <label>
          Search
          <input type="search" name="search" value={search ?? ""} autocomplete="off" />
        </label>
        <button type="submit" class="quiet">Search</button>
      </form>
      {entries.length === 0
        ? <p class="empty">{search ? "Nothing matches." : "Nothing has been done yet."}</p>
        : <Entries entries={entries} />}
      {olderThan !== undefined && (
        <p class="pages">
          <a class="button quiet" href={site.path(`/admin/audit?${older}`)}>Older</a>
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

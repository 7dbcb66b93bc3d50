import { page } from "fresh";
import { define } from "../../lib/web/mod.ts";
import type { ReplicaInfo } from "../../lib/replicas/mod.ts";
import { UtcTime } from "../(_components)/utc_time.tsx";
import { AdminNavigation } from "./(_components)/navigation.tsx";
import { StackedTable } from "./(_components)/stacked_table.tsx";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Replicas – Admin";
    ctx.state.isWide = true;
    return page(await ctx.state.services.replicas?.list());
  },
});

/** The replicas that live, and what each of them holds. */
export default define.page<typeof handler>(({ data, state: { site } }) => (
  <>
    <h1>Replicas</h1>
    <AdminNavigation site={site} />
    {data ? <ReplicaTable replicas={data} /> : (
      <p class="empty">
        This server works alone, with its database in a file. Several replicas need a database in
        PostgreSQL: see DATABASE_URL.
      </p>
    )}
  </>
));

function ReplicaTable({ replicas }: { replicas: readonly ReplicaInfo[] }) {
  return (
    <>
      <p>
        The replicas that sent a heartbeat in the last five seconds. Each line shows for how many
        mailboxes a replica holds connections to Microsoft, and how many.
      </p>
      <StackedTable
        caption="Replicas"
        columns={["Machine", "Version", "Since", "Last seen", "Mailboxes", "Connections"]}
      >
        {replicas.map((replica) => (
          <tr key={replica.id}>
            <th scope="row">{replica.host}{replica.isThis && " (this one)"}</th>
            <td data-label="Version">{replica.version}</td>
            <td data-label="Since">
              <UtcTime ms={replica.startedAtMs} />
            </td>
            <td data-label="Last seen">
              <UtcTime ms={replica.seenAtMs} />
            </td>
            <td data-label="Mailboxes">{replica.mailboxCount}</td>
            <td data-label="Connections">{replica.slotCount}</td>
          </tr>
        ))}
      </StackedTable>
    </>
  );
}

import { page } from "fresh";
import type { SettingInEffect } from "../../lib/config/mod.ts";
import { define } from "../../lib/web/mod.ts";
import { WarningList } from "./(_components)/alert_list.tsx";
import { AdminNavigation } from "./(_components)/navigation.tsx";
import { StackedTable } from "./(_components)/stacked_table.tsx";

export const handler = define.handlers({
  GET(ctx) {
    ctx.state.title = "Configuration – Admin";
    ctx.state.isWide = true;
    return page(ctx.state.services.program);
  },
});

/** The settings in effect, by their names, without secrets. */
export default define.page<typeof handler>(({ data: { settings, warnings }, state: { site } }) => (
  <>
    <h1>Configuration</h1>
    <AdminNavigation site={site} />
    <WarningList warnings={warnings} />
    <p>
      All settings of this server, and where they were set. Secrets are not shown. A change takes
      effect with the next start.
    </p>
    {[...Map.groupBy(settings, ({ group }) => group)].map(([group, rows]) => (
      <section key={group}>
        <h2>{group}</h2>
        <SettingsTable group={group} settings={rows} />
      </section>
    ))}
  </>
));

interface SettingsTableProps {
  readonly group: string;
  readonly settings: readonly SettingInEffect[];
}

function SettingsTable({ group, settings }: SettingsTableProps) {
  return (
    <StackedTable
      class="settings-table"
      caption={group}
      columns={["Setting", "Value", "Default", "Set in"]}
    >
      {settings.map(({ name, value, default: fallback, source, isChanged }) => (
        <tr key={name}>
          <th scope="row">
            <code>{name}</code> {isChanged && <span class="badge">changed</span>}
          </th>
          <td data-label="Value">{value ? <code>{value}</code> : "–"}</td>
          <td data-label="Default">{fallback}</td>
          <td data-label="Set in">{source ?? "not set"}</td>
        </tr>
      ))}
    </StackedTable>
  );
}

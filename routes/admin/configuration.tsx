import { page } from "fresh";
import { define } from "../../lib/web/mod.ts";
import { AdminNavigation } from "./(_components)/navigation.tsx";

export const handler = define.handlers({
  GET(ctx) {
    ctx.state.title = "Configuration";
    return page(settingsOf(ctx.state.services.program.configuration));
  },
});

/** A setting by its path, such as `smtp.publicHost`, and its value as text. */
type Setting = readonly [path: string, value: string];

function settingsOf(value: unknown, path = ""): Setting[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [[path, JSON.stringify(value)]];
  }
  return Object.entries(value)
    .flatMap(([name, child]) => settingsOf(child, path ? `${path}.${name}` : name));
}

/** The settings in effect, without secrets. */
export default define.page<typeof handler>(({ data, state: { site } }) => (
  <>
    <h1>Configuration</h1>
    <AdminNavigation site={site} />
    <p>The settings in effect, defaults included. Secrets are not shown.</p>
    <div class="table-frame" tabIndex={0} role="region" aria-label="Settings">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {data.map(([path, value]) => (
            <tr key={path}>
              <th scope="row">{path}</th>
              <td>
                <code>{value}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </>
));

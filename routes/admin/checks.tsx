import { page } from "fresh";
import { type CheckResult, type CheckStatus, summary } from "../../lib/checks/mod.ts";
import { define } from "../../lib/web/mod.ts";
import { AdminNavigation } from "./(_components)/navigation.tsx";
import { StackedTable } from "./(_components)/stacked_table.tsx";

export const handler = define.handlers({
  GET(ctx) {
    ctx.state.title = "Checks – Admin";
    ctx.state.isWide = true;
    return page<readonly CheckResult[] | undefined>(undefined);
  },
  async POST(ctx) {
    ctx.state.title = "Checks – Admin";
    ctx.state.isWide = true;
    return page<readonly CheckResult[] | undefined>(await ctx.state.services.check());
  },
});

/** The checks of the command line that a running server can make itself, made when an operator asks. */
export default define.page<typeof handler>(({ data, state: { site } }) => (
  <>
    <h1>Checks</h1>
    <AdminNavigation site={site} />
    <p>
      Checks the certificates, the account filters, the app registrations and the connection to
      Microsoft's servers. It sends no message and signs nobody in. The command <code>check</code>
      {" "}
      also checks ports, host names and the database.
    </p>
    <form method="post" action={site.path("/admin/checks")} class="below">
      <button type="submit">{data ? "Check again" : "Check now"}</button>
    </form>
    {data && (
      <>
        <p role="status">{summary(data)}</p>
        <Findings parts={data} />
      </>
    )}
  </>
));

/** Findings are written to follow the name of their part on the command line; here they stand alone. */
function sentence(text: string): string {
  return /^[a-z]+ /.test(text) ? text[0]!.toUpperCase() + text.slice(1) : text;
}

const BADGES: Readonly<Record<CheckStatus, string>> = {
  ok: "badge good",
  warning: "badge warn",
  failure: "badge bad",
};

function Findings({ parts }: { readonly parts: readonly CheckResult[] }) {
  return (
    <StackedTable caption="Findings" columns={["Part", "Verdict", "Finding"]}>
      {parts.flatMap(({ name, findings }) =>
        findings.map(({ status, text, remedy }) => (
          <tr key={`${name} ${text}`}>
            <th scope="row">{sentence(name)}</th>
            <td data-label="Verdict">
              <span class={BADGES[status]}>{status}</span>
            </td>
            <td data-label="Finding">
              {sentence(text)}
              {remedy && <p class="fine-print">{remedy}</p>}
            </td>
          </tr>
        ))
      )}
    </StackedTable>
  );
}

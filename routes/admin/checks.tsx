import { page } from "fresh";
import { counted } from "../../lib/base/mod.ts";
import type { CheckedPart, CheckStatus } from "../../lib/web/mod.ts";
import { define } from "../../lib/web/mod.ts";
import { AdminNavigation } from "./(_components)/navigation.tsx";
import { StackedTable } from "./(_components)/stacked_table.tsx";

export const handler = define.handlers({
  GET(ctx) {
    ctx.state.title = "Checks – Admin";
    ctx.state.isWide = true;
    return page<readonly CheckedPart[] | undefined>(undefined);
  },
  async POST(ctx) {
    ctx.state.title = "Checks – Admin";
    ctx.state.isWide = true;
    return page<readonly CheckedPart[] | undefined>(await ctx.state.services.check());
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

function summary(parts: readonly CheckedPart[]): string {
  const all = parts.flatMap(({ findings }) => findings);
  const count = (wanted: CheckStatus) => all.filter(({ status }) => status === wanted).length;
  const [failures, warnings] = [count("failure"), count("warning")];
  return failures + warnings === 0
    ? "Everything is in order."
    : `${counted(failures, "failure")}, ${counted(warnings, "warning")}.`;
}

/** Findings are written to follow the name of their part on the command line; here they stand alone. */
function sentence(text: string): string {
  return /^[a-z]+ /.test(text) ? text[0]!.toUpperCase() + text.slice(1) : text;
}

const BADGES: Readonly<Record<CheckStatus, string>> = {
  ok: "badge good",
  warning: "badge warn",
  failure: "badge bad",
};

function Findings({ parts }: { readonly parts: readonly CheckedPart[] }) {
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

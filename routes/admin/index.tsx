import { page } from "fresh";
import { DAY_MS, HOUR_MS } from "../../lib/base/mod.ts";
import { countBars, type Spans } from "../(_components)/bars.ts";
import { Chart, dayText, hourText } from "../(_components)/chart.tsx";
import { define, type State } from "../../lib/web/mod.ts";
import { AlertList } from "./(_components)/alert_list.tsx";
import { AdminNavigation } from "./(_components)/navigation.tsx";
import { RegistrationTable } from "./(_components)/registration_table.tsx";

const HOURS: Spans = { spanMs: HOUR_MS, count: 24 };
const DAYS: Spans = { spanMs: DAY_MS, count: 30 };

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Admin";
    const { store, alerts } = ctx.state.services;
    return page({
      hours: await countBars(ctx.state.services, HOURS),
      days: await countBars(ctx.state.services, DAYS),
      accounts: await store.accounts.count(),
      waiting: await store.accounts.count({ state: "sign-in-required" }),
      refused: await store.accounts.count({ state: "refused" }),
      alerts: alerts.current(),
      registrations: await registrationsOf(ctx.state),
    });
  },
});

function registrationsOf({ services: { store, alerts, program } }: State) {
  const refused = alerts.current().filter(({ kind }) => kind === "registration-refused");
  return Promise.all(program.clientIds.map(async (clientId, index) => ({
    clientId,
    isDefault: index === 0,
    accounts: await store.accounts.count({ clientId }),
    alert: refused.find(({ subject }) => subject === clientId),
  })));
}

/** The state of the whole program: warnings, figures, deliveries over time, app registrations. */
export default define.page<typeof handler>(({ data, state: { site, services } }) => (
  <>
    <h1>Admin</h1>
    <AdminNavigation site={site} />
    <AlertList alerts={data.alerts} />
    <dl class="figures">
      <div>
        <dt>Accounts</dt>
        <dd>
          <a href={site.path("/admin/accounts")}>{data.accounts}</a>
        </dd>
      </div>
      <div>
        <dt>need a new sign-in</dt>
        <dd>
          <a href={site.path("/admin/accounts?state=sign-in-required")}>{data.waiting}</a>
        </dd>
      </div>
      <div>
        <dt>refused by Microsoft</dt>
        <dd>
          <a href={site.path("/admin/accounts?state=refused")}>{data.refused}</a>
        </dd>
      </div>
      <div>
        <dt>Version</dt>
        <dd>{services.program.version}</dd>
      </div>
    </dl>
    <section class="card" aria-labelledby="deliveries">
      <h2 id="deliveries">Deliveries</h2>
      <Chart title="Last 24 hours (UTC)" bars={data.hours} label={hourText} />
      <Chart title="Last 30 days (UTC)" bars={data.days} label={dayText} />
      <p class="fine-print">
        Deliveries are kept for {services.activity.retentionDays} days (ACTIVITY_RETENTION_DAYS).
      </p>
    </section>
    <section class="card" aria-labelledby="registrations">
      <h2 id="registrations">App registrations</h2>
      <RegistrationTable registrations={data.registrations} />
    </section>
  </>
));

import { page } from "fresh";
import { DAY_MS, HOUR_MS } from "../../lib/base/mod.ts";
import { countBars, type Spans } from "../(_components)/bars.ts";
import { Row } from "../(_components)/row.tsx";
import { Chart, dayText, hourText } from "../(_components)/chart.tsx";
import { define, type State } from "../../lib/web/mod.ts";
import type { HealthReport } from "../../lib/observers/mod.ts";
import { HealthCard, type MailboxQueue } from "./(_components)/health_card.tsx";
import { AlertList } from "./(_components)/alert_list.tsx";
import { AdminNavigation } from "./(_components)/navigation.tsx";
import { RegistrationTable } from "./(_components)/registration_table.tsx";

const HOURS: Spans = { spanMs: HOUR_MS, count: 24 };
const DAYS: Spans = { spanMs: DAY_MS, count: 30 };

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Admin";
    ctx.state.isWide = true;
    const { store, alerts, health, program } = ctx.state.services;
    const report = health.read();
    return page({
      health: report,
      mailboxes: await queuesOf(ctx.state, report),
      warnings: program.warnings,
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

/** Returns the mailboxes that send or wait, with their addresses. */
async function queuesOf(
  { services: { store } }: State,
  { mailboxes }: HealthReport,
): Promise<readonly MailboxQueue[]> {
  const busy = mailboxes.filter(({ inUse, waiting }) => inUse + waiting > 0);
  return await Promise.all(busy.map(async ({ accountId, inUse, waiting }) => {
    const { email = "(deleted)" } = await store.accounts.get(accountId) ?? {};
    return { accountId, email, inUse, waiting };
  }));
}

async function registrationsOf({ services: { store, alerts, program, registrations } }: State) {
  const refused = alerts.current().filter(({ kind }) => kind === "registration-refused");
  const known = await registrations.list();
  return Promise.all(program.clientIds.map(async (clientId, index) => ({
    clientId,
    isDefault: index === 0,
    accounts: await store.accounts.count({ clientId }),
    known: known.find((one) => one.clientId === clientId),
    alert: refused.find(({ subject }) => subject === clientId),
  })));
}

/** The state of the whole program: warnings, figures, deliveries over time, health, app registrations. */
export default define.page<typeof handler>(({ data, state: { site, services } }) => (
  <>
    <h1>Admin</h1>
    <AdminNavigation site={site} />
    <AlertList alerts={data.alerts} warnings={data.warnings} />
    <dl class="figures">
      <Figure label="Accounts" href={site.path("/admin/accounts")}>{data.accounts}</Figure>
      <Figure
        label="Sign in required"
        href={site.path("/admin/accounts?state=sign-in-required")}
      >
        {data.waiting}
      </Figure>
      <Figure
        label="Refused by the submission server"
        href={site.path("/admin/accounts?state=refused")}
      >
        {data.refused}
      </Figure>
      <Figure label="Version">{services.program.version}</Figure>
    </dl>
    <div class="columns">
      <section class="card" aria-labelledby="deliveries">
        <h2 id="deliveries">Deliveries</h2>
        <Chart title="Last 24 hours (UTC)" bars={data.hours} label={hourText} />
        <Chart title="Last 30 days (UTC)" bars={data.days} label={dayText} />
        <p class="fine-print">
          Deliveries are kept for {services.activity.retentionDays} days (ACTIVITY_RETENTION_DAYS).
        </p>
      </section>
      <div>
        <HealthCard health={data.health} mailboxes={data.mailboxes} site={site} />
        <section class="card" aria-labelledby="registrations">
          <h2 id="registrations">App registrations</h2>
          <RegistrationTable registrations={data.registrations} site={site} />
        </section>
      </div>
    </div>
  </>
));

interface FigureProps {
  readonly label: string;
  readonly href?: string;
  readonly children: string | number;
}

function Figure({ label, href, children }: FigureProps) {
  return <Row label={label}>{href ? <a href={href}>{children}</a> : children}</Row>;
}

import type { HealthReport } from "../../../lib/observers/mod.ts";
import type { Site } from "../../../lib/web/mod.ts";
import { durationText } from "../../(_components)/activity_item.ts";
import { Row } from "../../(_components)/row.tsx";
import { UtcTime } from "../../(_components)/utc_time.tsx";
import { StackedTable } from "./stacked_table.tsx";

/** The connections of a mailbox, with its address. */
export interface MailboxQueue {
  readonly accountId: string;
  readonly email: string;
  readonly inUse: number;
  readonly waiting: number;
}

interface HealthCardProps {
  readonly health: HealthReport;
  readonly mailboxes: readonly MailboxQueue[];
  readonly site: Site;
}

/** Certificates, renewals of tokens, and the way to Microsoft, since the start of this process. */
export function HealthCard({ health, mailboxes, site }: HealthCardProps) {
  const { certificates, latency, renewals } = health;
  return (
    <section class="card" aria-labelledby="health">
      <h2 id="health">Health</h2>
      <dl class="settings compact">
        {certificates.map(([use, expiresAtMs]) => (
          <Row key={use} label={`${use} certificate expires`}>
            <UtcTime ms={expiresAtMs} />
          </Row>
        ))}
        {certificates.length === 0 && <Row label="Certificates">none of this server</Row>}
        <Row label="Delivery time, median">{latency ? durationText(latency.p50Ms) : "–"}</Row>
        <Row label="Delivery time, 95th percentile">
          {latency ? durationText(latency.p95Ms) : "–"}
        </Row>
        {renewals.map(({ outcome, count, lastAtMs }) => (
          <Row key={outcome} label={`Token renewals: ${outcome}`}>
            {count}, last <UtcTime ms={lastAtMs} />
          </Row>
        ))}
        {renewals.length === 0 && <Row label="Token renewals">none yet</Row>}
      </dl>
      <p class="fine-print">
        Since this process started. Delivery times are those of the last {latency?.count ?? 0}{" "}
        messages, from MAIL to Microsoft's answer.
      </p>
      <h3>Queues</h3>
      <Queues mailboxes={mailboxes} site={site} />
    </section>
  );
}

function Queues({ mailboxes, site }: Pick<HealthCardProps, "mailboxes" | "site">) {
  if (mailboxes.length === 0) return <p class="empty">No mailbox is sending.</p>;
  return (
    <StackedTable caption="Queues" columns={["Mailbox", "Sending", "Waiting"]}>
      {mailboxes.map(({ accountId, email, inUse, waiting }) => (
        <tr key={accountId}>
          <th scope="row">
            <a href={site.path(`/admin/accounts/${accountId}`)}>{email}</a>
          </th>
          <td data-label="Sending">{inUse}</td>
          <td data-label="Waiting">{waiting}</td>
        </tr>
      ))}
    </StackedTable>
  );
}

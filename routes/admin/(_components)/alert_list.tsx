import LocalTime from "../../../islands/local_time.tsx";
import { circleCheck, Icon, triangleAlert } from "../../../lib/icons/mod.ts";
import type { Alert } from "../../../lib/alerts/mod.ts";

/** The warnings that stand. */
export function AlertList({ alerts }: { alerts: readonly Alert[] }) {
  if (alerts.length === 0) {
    return (
      <p class="status">
        <Icon shapes={circleCheck} class="good" />
        All is well: there are no warnings.
      </p>
    );
  }
  return (
    <section aria-labelledby="alerts">
      <h2 id="alerts">Warnings</h2>
      <ul class="alerts">
        {alerts.map((alert) => (
          <li key={`${alert.kind} ${alert.subject}`} class="notice warning">
            <p>
              <Icon shapes={triangleAlert} />
              <strong>{alert.label}</strong>: {alert.text}
            </p>
            <p>{alert.remedy}</p>
            <p class="fine-print">
              Since <LocalTime ms={alert.sinceMs} />, seen{" "}
              {alert.count === 1 ? "once" : `${alert.count} times`}, last{" "}
              <LocalTime ms={alert.lastSeenMs} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

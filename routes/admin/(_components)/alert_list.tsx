import type { Alert } from "../../../lib/alerts/mod.ts";
import type { Problem } from "../../../lib/config/mod.ts";
import { circleCheck, Icon, triangleAlert } from "../../../lib/icons/mod.ts";
import { UtcTime } from "../../(_components)/utc_time.tsx";

interface AlertListProps {
  readonly alerts: readonly Alert[];
  readonly warnings: readonly Problem[];
}

/** Everything that deserves attention: the active alerts, and the warnings about settings. */
export function AlertList({ alerts, warnings }: AlertListProps) {
  if (alerts.length + warnings.length === 0) {
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
        {alerts.map((alert) => <AlertView key={`${alert.kind} ${alert.subject}`} alert={alert} />)}
      </ul>
      <WarningList warnings={warnings} />
    </section>
  );
}

function AlertView(
  { alert: { label, text, remedy, sinceMs, lastSeenMs, count } }: { alert: Alert },
) {
  return (
    <li class="notice warning">
      <p>
        <Icon shapes={triangleAlert} />
        <strong>{label}</strong>: {text}
      </p>
      <p>{remedy}</p>
      <p class="fine-print">
        Since <UtcTime ms={sinceMs} />, seen {count === 1 ? "once" : `${count} times`}, last{" "}
        <UtcTime ms={lastSeenMs} />
      </p>
    </li>
  );
}

/** The warnings of the start and of `check` about the settings. */
export function WarningList({ warnings }: Pick<AlertListProps, "warnings">) {
  if (warnings.length === 0) return null;
  return (
    <ul class="alerts">
      {warnings.map(({ variable, message, remedy }) => (
        <li key={`${variable} ${message}`} class="notice warning">
          <p>
            <Icon shapes={triangleAlert} />
            <strong>
              <code>{variable}</code>
            </strong>: {message}
          </p>
          <p>{remedy}</p>
        </li>
      ))}
    </ul>
  );
}

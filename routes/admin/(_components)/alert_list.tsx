import type { ComponentChildren } from "preact";
import type { Alert } from "../../../lib/alerts/mod.ts";
import type { Problem } from "../../../lib/config/mod.ts";
import { circleCheck, Icon, triangleAlert } from "../../../lib/icons/mod.ts";
import { UtcTime } from "../../(_components)/utc_time.tsx";

interface AlertListProps {
  readonly alerts: readonly Alert[];
  readonly warnings: readonly Problem[];
}

/** Everything that deserves attention: the alerts that stand, and what the settings bring. */
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
    <Warning title={label} text={text} remedy={remedy}>
      <p class="fine-print">
        Since <UtcTime ms={sinceMs} />, seen {count === 1 ? "once" : `${count} times`}, last{" "}
        <UtcTime ms={lastSeenMs} />
      </p>
    </Warning>
  );
}

/** The warnings of the start and of `check` about the settings. */
export function WarningList({ warnings }: Pick<AlertListProps, "warnings">) {
  if (warnings.length === 0) return null;
  return (
    <ul class="alerts">
      {warnings.map(({ variable, message, remedy }) => (
        <Warning
          key={`${variable} ${message}`}
          title={<code>{variable}</code>}
          text={message}
          remedy={remedy}
        />
      ))}
    </ul>
  );
}

interface WarningProps {
  readonly title: ComponentChildren;
  readonly text: string;
  readonly remedy: string;
  readonly children?: ComponentChildren;
}

function Warning({ title, text, remedy, children }: WarningProps) {
  return (
    <li class="notice warning">
      <p>
        <Icon shapes={triangleAlert} />
        <strong>{title}</strong>: {text}
      </p>
      <p>{remedy}</p>
      {children}
    </li>
  );
}

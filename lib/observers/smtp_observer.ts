/**
 * All observers of SMTP events as one.
 *
 * @module
 */
import type { Observer } from "../../smtp/mod.ts";
import type { Alerts } from "../alerts/mod.ts";
import { errorText } from "../base/mod.ts";
import type { LineDigest, Logger } from "../log/mod.ts";
import type { AccountStore, DeliveryStore } from "../store/mod.ts";
import { confirmProvedNames, trackRefusals } from "./account_states.ts";
import { type ActivityRecordOptions, recordActivity } from "./activity_record.ts";
import type { Metrics } from "./metrics.ts";
import type { RefusalWatch } from "./refusal_watch.ts";
import { smtpLog } from "./smtp_log.ts";

/** The dependencies of {@linkcode smtpObserver}. */
export interface SmtpObserverOptions extends Pick<ActivityRecordOptions, "recipients" | "now"> {
  readonly store: {
    readonly accounts: Pick<
      AccountStore,
      "accept" | "confirmSignInName" | "get" | "list" | "listByName" | "refuse"
    >;
    readonly deliveries: Pick<DeliveryStore, "record" | "recordRefusedLogin">;
  };
  readonly alerts: Pick<Alerts, "raise" | "clear">;
  readonly metrics: Metrics;
  readonly refusals: Pick<RefusalWatch, "observe">;
  readonly log: Pick<Logger, "debug" | "info" | "warning" | "error">;
  readonly digest: Pick<LineDigest, "write">;
}

/** Returns an observer that logs, counts, records and warns. */
export function smtpObserver(options: SmtpObserverOptions): Observer {
  const { store: { accounts, deliveries }, alerts, metrics, refusals, log, digest, now } = options;
  const onError = (error: unknown) =>
    log.error("event not stored in the database", { error: errorText(error) });
  const observers: readonly Observer[] = [
    smtpLog(log, digest),
    metrics.observe,
    refusals.observe,
    upstreamAlert(alerts),
    recordActivity({ ...options, accounts, deliveries, onError }),
    trackRefusals({ accounts, alerts, now, onError }),
    confirmProvedNames(accounts, onError),
  ];
  return (event) => observers.forEach((observer) => observer(event));
}

/** Returns an observer that raises the alert about a bad certificate upstream; a delivery to the same server clears it. */
export function upstreamAlert(alerts: Pick<Alerts, "raise" | "clear">): Observer {
  return (event) => {
    if (event.type === "delivery" && event.delivery.outcome === "accepted") {
      alerts.clear("upstream-certificate", event.delivery.account.target.host);
    }
    if (event.type !== "upstream-failure" || event.fault !== "insecure") return;
    alerts.raise({
      kind: "upstream-certificate",
      subject: event.target.host,
      text: `${event.target.host} cannot be trusted, so nothing is sent: ${errorText(event.cause)}`,
      remedy:
        "Check the network between this server and the submission server: somebody may be listening in.",
      fixer: "operator",
    });
  };
}

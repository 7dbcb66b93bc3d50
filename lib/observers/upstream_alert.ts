/**
 * The alert about a submission server whose certificate is bad.
 *
 * @module
 */
import type { Observer } from "../../smtp/mod.ts";
import type { Alerts } from "../alerts/mod.ts";
import { errorText } from "../base/mod.ts";

/** Returns an observer that raises the alert; a delivery to the same server clears it. */
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

/**
 * Raises the alarm when the submission server's certificate does not hold.
 *
 * @module
 */
import type { Observer } from "../../smtp/mod.ts";
import type { Alerts } from "../alerts/mod.ts";
import { errorText } from "../base/mod.ts";

/** Watches for a submission server that cannot be trusted; a delivery to the same one ends the alarm. */
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

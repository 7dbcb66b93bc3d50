/**
 * What SIGHUP reads again: the files of the account filters, and the certificates.
 *
 * @module
 */
import type { Alerts } from "../../alerts/mod.ts";
import type { CertificateWatch } from "../../certificates/mod.ts";
import { errorText } from "../../base/mod.ts";
import { getLogger } from "../../log/mod.ts";
import type { Registration } from "../../sign_in/mod.ts";

/** What is read again. */
export interface Reloadable {
  readonly registration: Pick<Registration, "reload">;
  readonly certificates: readonly Pick<CertificateWatch, "check">[];
  readonly alerts: Pick<Alerts, "raise" | "clear">;
}

const log = getLogger("reload");
const FILTERS = "account filters";

/** Reads everything again. What cannot be used stays as it was, with an alert. */
export async function reload({ registration, certificates, alerts }: Reloadable): Promise<void> {
  log.info("reading account filters and certificates again");
  try {
    registration.reload();
    alerts.clear("filters-unusable", FILTERS);
  } catch (error) {
    alerts.raise({
      kind: "filters-unusable",
      subject: FILTERS,
      text: `The account filters could not be read again: ${errorText(error)}`,
      remedy: "The former filters stay in force. Correct the file, and send SIGHUP once more.",
      fixer: "operator",
    });
  }
  await Promise.all(certificates.map((certificate) => certificate.check()));
}

import type { Alerts } from "../alerts/mod.ts";
import type { Clock } from "../base/mod.ts";
import type { AutomaticCertificate } from "../config/mod.ts";
import type { CertificateKeeper } from "./keeper.ts";

/** Opens the keeper of an automatic certificate. Its libraries are loaded only where there is one. */
export async function openKeeper(
  { acme, files, folder, names }: AutomaticCertificate,
  { alerts, clock }: { readonly alerts: Alerts; readonly clock: Clock },
): Promise<CertificateKeeper> {
  const { CertificateKeeper } = await import("./keeper.ts");
  const issuer = acme
    ? new (await import("./acme_issuer.ts")).AcmeIssuer({ acme, names, folder, clock })
    : await (await import("./own_ca_issuer.ts")).OwnCaIssuer.open({ names, folder, clock });
  return await CertificateKeeper.open({ files, issuer, alerts, clock });
}

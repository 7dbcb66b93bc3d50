import type { Alerts } from "../alerts/mod.ts";
import type { Clock } from "../base/mod.ts";
import type { AutomaticCertificate } from "../config/mod.ts";
import type { CertificateRenewer } from "./renewer.ts";
import { FolderStorage, MemoryStorage, type SharedParts, SharedStorage } from "./storage.ts";

/** Dependencies of {@linkcode openRenewer}. */
interface RenewerDependencies {
  readonly alerts: Alerts;
  readonly clock: Clock;
  /** The parts that replicas share. Absent: everything is stored in the folder. */
  readonly shared?: SharedParts;
}

/**
 * Creates the renewer of an automatic certificate, and loads its libraries. Replicas share the certificate of a public
 * authority. With their own authority, they share that, and each replica issues its own certificate.
 */
export async function openRenewer(
  { acme, folder, names }: AutomaticCertificate,
  { alerts, clock, shared }: RenewerDependencies,
): Promise<CertificateRenewer> {
  const { CertificateRenewer } = await import("./renewer.ts");
  const storage = shared ? new SharedStorage(shared, folder) : new FolderStorage(folder);
  if (acme) {
    const { AcmeIssuer } = await import("./acme_issuer.ts");
    const challenges = shared?.challenges;
    const issuer = new AcmeIssuer({ acme, names, storage, challenges, clock });
    return await CertificateRenewer.open({ storage, issuer, alerts, clock });
  }
  const { OwnCaIssuer } = await import("./own_ca_issuer.ts");
  const issuer = await OwnCaIssuer.open({ names, storage, clock });
  const own = shared ? new MemoryStorage() : storage;
  return await CertificateRenewer.open({ storage: own, issuer, alerts, clock });
}

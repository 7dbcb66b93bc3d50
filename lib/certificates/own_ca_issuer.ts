/**
 * Certificates from the program's own authority, for a local network.
 *
 * @module
 */
import { networkInterfaces } from "node:os";
import type { CertificatePair } from "../../smtp/mod.ts";
import { type Clock, errorText, LOOPBACK_NAMES } from "../base/mod.ts";
import { getLogger } from "../log/mod.ts";
import { backdated, CERTIFICATE_LIFETIME_MS, CertificateAuthority } from "./authority.ts";
import type { Issuer, IssuerFailure } from "./issuer.ts";
import type { CertificateStorage } from "./storage.ts";

/** Dependencies of an {@linkcode OwnCaIssuer}. */
interface OwnCaIssuerOptions {
  readonly names: readonly string[];
  /** Stores the authority. */
  readonly storage: Pick<CertificateStorage, "read" | "write">;
  readonly clock: Clock;
  /** Returns the addresses of this machine; injected for tests. */
  readonly addresses?: () => readonly string[];
}

const log = getLogger("certificates");

/** Issues certificates for the names of this installation and the addresses of this machine. */
export class OwnCaIssuer implements Issuer {
  readonly #options: OwnCaIssuerOptions;
  readonly #ca: CertificateAuthority;

  private constructor(options: OwnCaIssuerOptions, ca: CertificateAuthority) {
    this.#options = options;
    this.#ca = ca;
  }

  /** Opens the stored authority. Creates a new one if there is none, or if it expires soon. */
  static async open(options: OwnCaIssuerOptions): Promise<OwnCaIssuer> {
    const { storage } = options;
    const text = await storage.read("ca.pem");
    const kept = text === undefined ? undefined : await CertificateAuthority.open(text);
    // A certificate that outlives its authority would be of no use.
    if (kept && kept.expiresAtMs - CERTIFICATE_LIFETIME_MS > options.clock.now()) {
      return new OwnCaIssuer(options, kept);
    }
    const ca = await CertificateAuthority.create(`SMTP OAuth2 proxy on ${options.names[0]}`);
    // If another replica has created one at the same time, all use that one.
    if (!await storage.write("ca.pem", await ca.pem())) return await OwnCaIssuer.open(options);
    log.warning("made a certificate authority: clients have to trust its certificate, /ca.crt", {
      until: new Date(ca.expiresAtMs).toISOString(),
    });
    return new OwnCaIssuer(options, ca);
  }

  get authority(): string {
    return this.#ca.certificate;
  }

  names(): readonly string[] {
    const { names, addresses = lanAddresses } = this.#options;
    return [...new Set([...names, ...LOOPBACK_NAMES, ...addresses()])];
  }

  async issue(): Promise<CertificatePair> {
    const notBefore = backdated(this.#options.clock.now());
    const { key, cert } = await this.#ca.issue({ names: this.names(), notBefore });
    return { key, cert: cert + this.authority };
  }

  advice(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  explain(error: unknown): IssuerFailure {
    return {
      text: `The certificate could not be made: ${errorText(error)}.`,
      remedy: "Check that the folder of the database can be written to.",
    };
  }

  challenge(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

/** Returns the addresses of this machine, apart from link-local ones; none without the permission to read them. */
function lanAddresses(): readonly string[] {
  try {
    const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    return all.map(({ address }) => address).filter((address) => !/^fe80:/i.test(address)).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return [];
    throw error;
  }
}

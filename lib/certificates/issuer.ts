import type { CertificatePair } from "../../smtp/mod.ts";
import type { Certificate } from "./certificates.ts";

/** The maker of a certificate that the program keeps valid by itself. */
export interface Issuer {
  /** The host names and addresses that a certificate has to be good for now. */
  names(): readonly string[];
  /** Makes or gets a certificate. @param former The one that it replaces. */
  issue(former: Certificate | undefined): Promise<CertificatePair>;
  /** Returns when to renew a certificate, in milliseconds since the epoch, if the maker has a wish. */
  advice(certificate: Certificate): Promise<number | undefined>;
  /** Explains an error of {@linkcode issue} to the operator. */
  explain(error: unknown): IssuerFailure;
  /** Returns the answer to a challenge of an authority, by its token. */
  challenge(token: string): Promise<string | undefined>;
  /** The certificate of the authority that clients have to trust, in PEM; absent: they know it. */
  readonly authority?: string;
}

/** A certificate that was not issued. */
export interface IssuerFailure {
  readonly text: string;
  readonly remedy: string;
  /** When another attempt makes sense, in milliseconds from now. */
  readonly retryAfterMs?: number;
}

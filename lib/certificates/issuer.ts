import type { CertificatePair } from "../../smtp/mod.ts";
import type { Certificate } from "./certificates.ts";

/** Issues or requests the certificates that the program renews automatically. */
export interface Issuer {
  /** Returns the host names and addresses that a certificate has to be valid for. */
  names(): readonly string[];
  /** Issues or requests a certificate. @param former The one that it replaces. */
  issue(former: Certificate | undefined): Promise<CertificatePair>;
  /** Returns the time at which the authority wants a certificate to be renewed, in milliseconds since the epoch. */
  advice(certificate: Certificate): Promise<number | undefined>;
  /** Explains an error of {@linkcode issue} to the operator. */
  explain(error: unknown): IssuerFailure;
  /** Returns the answer to a challenge of an authority, by its token. */
  challenge(token: string): Promise<string | undefined>;
  /** The certificate of the authority that clients have to be told to trust, in PEM. Absent: they trust it already. */
  readonly authority?: string;
}

/** The reason why a certificate was not issued. */
export interface IssuerFailure {
  readonly text: string;
  readonly remedy: string;
  /** When another attempt makes sense, in milliseconds from now. */
  readonly retryAfterMs?: number;
}

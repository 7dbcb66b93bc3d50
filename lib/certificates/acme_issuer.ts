/**
 * Certificates from a public authority, by ACME.
 *
 * @module
 */
// @peculiar/x509 needs this polyfill before it is loaded.
import "reflect-metadata";
import { AuthorityKeyIdentifierExtension, X509Certificate } from "@peculiar/x509";
import type { CertificatePair } from "../../smtp/mod.ts";
import {
  AcmeProblem,
  certificateId,
  openAccount,
  orderCertificate,
  renewalWindow,
} from "../acme/mod.ts";
import { type Clock, errorText } from "../base/mod.ts";
import type { AcmeConfig } from "../config/mod.ts";
import { keyPem } from "./authority.ts";
import { type Certificate, lifetimeFraction } from "./certificates.ts";
import type { Issuer, IssuerFailure } from "./issuer.ts";
import type { CertificateStorage, ChallengeAnswers } from "./storage.ts";

/** Dependencies of an {@linkcode AcmeIssuer}. */
interface AcmeIssuerOptions {
  readonly names: readonly string[];
  readonly acme: AcmeConfig;
  /** Stores the account. */
  readonly storage: Pick<CertificateStorage, "read" | "write">;
  /** Default: those of this process. */
  readonly challenges?: ChallengeAnswers;
  readonly clock: Clock;
}

/** Gets certificates from one authority. */
export class AcmeIssuer implements Issuer {
  readonly #options: AcmeIssuerOptions;
  readonly #answers: ChallengeAnswers;

  constructor(options: AcmeIssuerOptions) {
    this.#options = options;
    this.#answers = options.challenges ?? new Map();
  }

  names(): readonly string[] {
    return this.#options.names;
  }

  /** @throws {AcmeProblem} */
  async issue(former: Certificate | undefined): Promise<CertificatePair> {
    const { names, acme: { directoryUrl, email, binding }, storage, clock } = this.#options;
    const account = await openAccount({
      directoryUrl,
      email,
      binding: binding && { keyId: binding.keyId, hmacKey: binding.hmacKey.reveal() },
      kept: await storage.read("account.json"),
      keep: async (text) => void await storage.write("account.json", text),
    });
    const replaces = account.client.directory.renewalInfo && former && idOf(former);
    const answers = this.#answers;
    const { chain, key } = await orderCertificate({ account, names, answers, clock, replaces });
    return { key: await keyPem(key), cert: chain.endsWith("\n") ? chain : `${chain}\n` };
  }

  /** Returns a time in the window that the authority suggests, spread evenly over different certificates. */
  async advice(certificate: Certificate): Promise<number | undefined> {
    const id = idOf(certificate);
    const window = id && await renewalWindow(this.#options.acme.directoryUrl, id);
    if (!window) return undefined;
    return window.startMs + lifetimeFraction(certificate) * (window.endMs - window.startMs);
  }

  explain(error: unknown): IssuerFailure {
    if (error instanceof AcmeProblem) return { ...error.words, retryAfterMs: error.retryAfterMs };
    return {
      text: `The certificate could not be requested: ${errorText(error)}.`,
      remedy: "The program tries again automatically.",
    };
  }

  async challenge(token: string): Promise<string | undefined> {
    return await this.#answers.get(token);
  }
}

/** Returns the identifier of a certificate; `undefined` for a self-signed one. */
function idOf({ leaf }: Certificate): string | undefined {
  const { keyId } = new X509Certificate(leaf.toString())
    .getExtension(AuthorityKeyIdentifierExtension) ?? {};
  return keyId && certificateId({
    authorityKeyId: Uint8Array.fromHex(keyId),
    serialNumber: leaf.serialNumber,
  });
}

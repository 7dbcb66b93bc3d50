/**
 * A platform elsewhere that issues tokens to its workloads, as Kubernetes or a CI service does. Where a registration trusts
 * it, such a token stands for a client secret.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { FederatedCredential } from "./applications.ts";
import { WORKLOAD_AUDIENCE } from "./client_assertion.ts";

const LIFETIME_S = 3600;

/** Claims of a token that differ from the usual ones. */
interface WorkloadToken {
  readonly audience?: string;
  /** Milliseconds since 1970; default: now. */
  readonly issuedAtMs?: number;
}

/** Issues tokens that are signed by RS256. */
export class WorkloadPlatform {
  readonly issuer: string;
  readonly #keys: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };

  /** @param issuer Its address: claim `iss`. */
  constructor(issuer: string) {
    this.issuer = issuer;
    this.#keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  }

  /** Returns the credential by which a registration trusts a workload. */
  credentialFor(subject: string): FederatedCredential {
    return { issuer: this.issuer, subject, key: this.#keys.publicKey.export({ format: "jwk" }) };
  }

  /** The content of a workload's token file. */
  issueToken(subject: string, options: WorkloadToken = {}): string {
    const { audience = WORKLOAD_AUDIENCE, issuedAtMs = Date.now() } = options;
    const iat = Math.floor(issuedAtMs / 1000);
    const claims = { iss: this.issuer, sub: subject, aud: audience, iat, exp: iat + LIFETIME_S };
    const signed = `${encode({ alg: "RS256", typ: "JWT" })}.${encode(claims)}`;
    const signature = sign("sha256", Buffer.from(signed), this.#keys.privateKey);
    return `${signed}.${signature.toString("base64url")}`;
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

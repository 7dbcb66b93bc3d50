/**
 * How an app registration proves itself to the identity service (RFC 6749 section 2.3): by a secret, by a certificate, by the
 * token of a workload, or not at all.
 *
 * @module
 */
import { createHash, createPrivateKey, type KeyObject, type X509Certificate } from "node:crypto";
import * as oauth from "oauth4webapi";
import { errorText } from "../base/mod.ts";
import { type AppRegistration, type CertificateFiles, checkPair } from "../config/mod.ts";
import { unusableCredential } from "./errors.ts";

/** Reads a text file. Throws if it cannot be read. */
export type ReadFile = (path: string) => string;

/** `client_assertion_type` of a JWT (RFC 7523 section 2.2). */
const JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/** Entra ID accepts 10 minutes, which tolerates a clock that is some minutes wrong. */
const ASSERTION_LIFETIME_S = 600;
/** Entra ID recommends PSS over the older padding (PS256, RFC 7518 section 3.5). */
const ALGORITHM = { name: "RSA-PSS", hash: "SHA-256" };

/** The proof of one app registration. */
export interface ClientProof {
  /**
   * Returns the end of the secret or the certificate, milliseconds since the epoch; undefined: not known, or none.
   *
   * @throws {MicrosoftError} `registration` when the files cannot be used.
   */
  endsAtMs(): number | undefined;
  /**
   * Returns what oauth4webapi puts into a request.
   *
   * @throws {MicrosoftError} `registration` when the files cannot be used.
   */
  authentication(): oauth.ClientAuth | Promise<oauth.ClientAuth>;
}

/** Returns the proof of a registration. Nothing is read before it is needed. */
export function proofOf(
  { clientId, authentication: given }: AppRegistration,
  readFile: ReadFile,
): ClientProof {
  switch (given.kind) {
    case "secret":
      return {
        endsAtMs: () => given.expiresAtMs,
        authentication: () => oauth.ClientSecretPost(given.secret.reveal()),
      };
    case "certificate":
      return new CertificateProof(clientId, given, readFile);
    case "token-file":
      return {
        endsAtMs: () => undefined,
        authentication: () => tokenInFile(clientId, given.tokenFile, readFile),
      };
    case "none":
      return { endsAtMs: () => undefined, authentication: () => oauth.None() };
  }
}

/** The texts of both files. */
interface SigningFiles {
  readonly cert: string;
  readonly key: string;
}

/** A certificate and its key, ready to sign. */
interface SigningPair extends SigningFiles {
  readonly certificate: X509Certificate;
}

/**
 * Signs assertions (`private_key_jwt`, OpenID Connect Core section 9) with the key of a certificate. Files that have changed are
 * used from the next request on, unless they are unusable: somebody may be writing them just now.
 */
class CertificateProof implements ClientProof {
  readonly #clientId: string;
  readonly #files: CertificateFiles;
  readonly #readFile: ReadFile;
  #pair: SigningPair | undefined;
  #signer: Promise<oauth.ClientAuth> | undefined;

  constructor(clientId: string, files: CertificateFiles, readFile: ReadFile) {
    this.#clientId = clientId;
    this.#files = files;
    this.#readFile = readFile;
  }

  endsAtMs(): number {
    return Date.parse(this.#current().certificate.validTo);
  }

  async authentication(): Promise<oauth.ClientAuth> {
    const pair = this.#current();
    return await (this.#signer ??= signerOf(pair));
  }

  /** Returns the newest pair that can be used. @throws {MicrosoftError} when there is none. */
  #current(): SigningPair {
    const { certFile, keyFile } = this.#files;
    try {
      const [cert, key] = [this.#readFile(certFile), this.#readFile(keyFile)];
      if (cert !== this.#pair?.cert || key !== this.#pair.key) this.#replace({ cert, key });
    } catch (error) {
      if (!this.#pair) throw this.#unusable(errorText(error));
    }
    return this.#pair ?? this.#throwUnusable();
  }

  #replace(pair: SigningFiles): void {
    const { chain: [certificate], faults } = checkPair(pair);
    if (!certificate || faults.length > 0 || !isRsa(certificate.publicKey)) return;
    this.#pair = { ...pair, certificate };
    this.#signer = undefined;
  }

  #throwUnusable(): never {
    throw this.#unusable("they do not hold a certificate with its RSA key");
  }

  #unusable(reason: string) {
    const { certFile, keyFile } = this.#files;
    return unusableCredential(this.#clientId, `The files ${certFile} and ${keyFile}`, reason);
  }
}

function isRsa({ asymmetricKeyType }: KeyObject): boolean {
  return asymmetricKeyType === "rsa";
}

async function signerOf({ certificate, key }: SigningPair): Promise<oauth.ClientAuth> {
  const der = createPrivateKey(key).export({ type: "pkcs8", format: "der" });
  const cryptoKey = await crypto.subtle.importKey(
    "pkcs8",
    new Uint8Array(der),
    ALGORITHM,
    false,
    ["sign"],
  );
  const thumbprint = createHash("sha256").update(certificate.raw).digest("base64url");
  return (server, client, body, headers) =>
    // oauth4webapi derives its type of a key from the DOM's; from Deno's declarations it derives `never`.
    oauth.PrivateKeyJwt(cryptoKey as never, {
      [oauth.modifyAssertion](header, payload) {
        header.typ = "JWT";
        // RFC 7515 section 4.1.8: the certificate that Entra ID looks for.
        header["x5t#S256"] = thumbprint;
        // RFC 7523 section 3 allows the token endpoint as audience; Entra ID accepts nothing else.
        payload.aud = server.token_endpoint!;
        payload.exp = Number(payload.iat) + ASSERTION_LIFETIME_S;
      },
    })(server, client, body, headers);
}

function tokenInFile(clientId: string, tokenFile: string, readFile: ReadFile): oauth.ClientAuth {
  const token = readToken(clientId, tokenFile, readFile);
  return (_server, client, body) => {
    body.set("client_id", client.client_id);
    body.set("client_assertion_type", JWT_BEARER);
    body.set("client_assertion", token);
  };
}

function readToken(clientId: string, tokenFile: string, readFile: ReadFile): string {
  let token: string;
  try {
    token = readFile(tokenFile).trim();
  } catch (error) {
    throw unusableCredential(clientId, `The file ${tokenFile}`, errorText(error));
  }
  if (token === "") throw unusableCredential(clientId, `The file ${tokenFile}`, "it is empty");
  return token;
}

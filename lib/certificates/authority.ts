/**
 * A small certificate authority, which clients have to be told to trust: for a local network without a public name, and for
 * tests.
 *
 * @module
 */
// @peculiar/x509 needs this polyfill before it is loaded.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import type { CertificatePair } from "../../smtp/mod.ts";
import { DAY_MS, HOUR_MS } from "../base/mod.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** The keys of servers. */
const KEY_ALGORITHMS = {
  "P-256": ALGORITHM,
  "RSA-2048": {
    name: "RSASSA-PKCS1-v1_5",
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
    hash: "SHA-256",
  },
};
const PRIVATE_KEY = "PRIVATE KEY";
/** Devices are told to trust it once, and are used for long. The dates of some end in January 2038. */
const CA_LIFETIME_MS = 3650 * DAY_MS;
/** Lifetime of a server certificate, in milliseconds. */
export const CERTIFICATE_LIFETIME_MS = 90 * DAY_MS;
/** Clocks differ a little: a certificate is valid from this long before it is made. */
const BACKDATED_MS = HOUR_MS;

/** Content of a server certificate. */
export interface CertificateRequest {
  /** DNS names and IP addresses the certificate is good for. */
  readonly names: readonly string[];
  /** Default: P-256, which is quick to make. */
  readonly key?: keyof typeof KEY_ALGORITHMS;
  /** The keys of the server. Default: new ones. */
  readonly keys?: CryptoKeyPair;
  /** Default: an hour ago. */
  readonly notBefore?: Date;
  /** Default: 90 days after `notBefore`. Set both into the past for an expired certificate. */
  readonly notAfter?: Date;
}

/** A certificate authority. */
export class CertificateAuthority {
  readonly #keys: CryptoKeyPair;
  readonly #certificate: x509.X509Certificate;

  private constructor(keys: CryptoKeyPair, certificate: x509.X509Certificate) {
    this.#keys = keys;
    this.#certificate = certificate;
  }

  /** Makes a new authority. @param name Its common name. */
  static async create(name: string): Promise<CertificateAuthority> {
    const keys = await generateKeys(ALGORITHM);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: [{ CN: [name] }],
      keys,
      signingAlgorithm: ALGORITHM,
      ...validity(backdated(), CA_LIFETIME_MS),
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new CertificateAuthority(keys, certificate);
  }

  /** Opens an authority again. @param pem The text of {@linkcode pem}. @throws if it is none. */
  static async open(pem: string): Promise<CertificateAuthority> {
    const [key] = x509.PemConverter.decodeWithHeaders(pem)
      .filter(({ type }) => type === PRIVATE_KEY).map(({ rawData }) => rawData);
    if (!key) throw new Error("there is no private key");
    const certificate = new x509.X509Certificate(pem.slice(pem.indexOf("-----BEGIN CERTIFICATE")));
    const privateKey = await crypto.subtle.importKey("pkcs8", key, ALGORITHM, true, ["sign"]);
    const publicKey = await certificate.publicKey.export();
    return new CertificateAuthority({ privateKey, publicKey }, certificate);
  }

  /** Returns the private key and the certificate in PEM. */
  async pem(): Promise<string> {
    return await keyPem(this.#keys.privateKey) + this.certificate;
  }

  /** The end of its validity in milliseconds since the epoch. */
  get expiresAtMs(): number {
    return this.#certificate.notAfter.getTime();
  }

  /** The authority's own certificate in PEM. A process that has it in `DENO_CERT` trusts everything that is issued here. */
  get certificate(): string {
    return withLineEnd(this.#certificate.toString("pem"));
  }

  /** Issues a certificate for a TLS server. */
  async issue(request: CertificateRequest): Promise<CertificatePair> {
    const { names, key = "P-256", notBefore = backdated(), notAfter } = request;
    const keys = request.keys ?? await generateKeys(KEY_ALGORITHMS[key]);
    const certificate = await x509.X509CertificateGenerator.create({
      subject: [{ CN: [names[0] ?? "localhost"] }],
      issuer: this.#certificate.subjectName,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: ALGORITHM,
      ...validity(notBefore, CERTIFICATE_LIFETIME_MS),
      ...(notAfter && { notAfter }),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(names.map(generalName)),
        await x509.AuthorityKeyIdentifierExtension.create(this.#certificate),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return await pairOf(keys, certificate);
  }
}

async function pairOf(
  { privateKey }: CryptoKeyPair,
  certificate: x509.X509Certificate,
): Promise<CertificatePair> {
  return { key: await keyPem(privateKey), cert: withLineEnd(certificate.toString("pem")) };
}

function generateKeys(algorithm: EcKeyGenParams | RsaHashedKeyGenParams): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

/** Returns a private key as PKCS #8 in PEM. */
export async function keyPem(key: CryptoKey): Promise<string> {
  return withLineEnd(
    x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), PRIVATE_KEY),
  );
}

/** Creates a self-signed certificate, for use until there is another one. */
export async function selfSigned(names: readonly string[]): Promise<CertificatePair> {
  const keys = await generateKeys(ALGORITHM);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [names[0] ?? "localhost"] }],
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(backdated(), CERTIFICATE_LIFETIME_MS),
    extensions: [new x509.SubjectAlternativeNameExtension(names.map(generalName))],
  });
  return await pairOf(keys, certificate);
}

/** An IP address has a colon, or digits and dots only; a DNS name never does. */
function generalName(name: string): x509.JsonGeneralName {
  const isAddress = name.includes(":") || /^[\d.]+$/.test(name);
  return { type: isAddress ? "ip" : "dns", value: name };
}

/** Returns the beginning of the validity of a certificate that is issued now. */
export function backdated(nowMs = Date.now()): Date {
  return new Date(nowMs - BACKDATED_MS);
}

function validity(notBefore: Date, lifetimeMs: number) {
  return { notBefore, notAfter: new Date(notBefore.getTime() + lifetimeMs) };
}

function withLineEnd(pem: string): string {
  return pem.endsWith("\n") ? pem : pem + "\n";
}

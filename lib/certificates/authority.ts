/**
 * A small certificate authority: issues server certificates that only those trust who were told to. For a local network
 * without a public name, and for tests.
 *
 * @module
 */
// @peculiar/x509 needs this polyfill before it is loaded.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

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
const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** Devices are told to trust it once, and live long; the dates of some end in January 2038. */
const CA_LIFETIME_DAYS = 3650;
const CERTIFICATE_LIFETIME_DAYS = 90;

/** Key and certificate of a TLS server. */
export interface ServerCertificate {
  /** The private key, PKCS #8 in PEM. */
  readonly key: string;
  /** The certificate in PEM. */
  readonly cert: string;
}

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
    const notBefore = hourAgo();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: [{ CN: [name] }],
      keys,
      signingAlgorithm: ALGORITHM,
      notBefore,
      notAfter: daysAfter(notBefore, CA_LIFETIME_DAYS),
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

  /** The authority's own certificate in PEM: who has it in `DENO_CERT` trusts what is issued here. */
  get certificate(): string {
    return withLineEnd(this.#certificate.toString("pem"));
  }

  /** Issues a certificate for a TLS server. */
  async issue(request: CertificateRequest): Promise<ServerCertificate> {
    const {
      names,
      notBefore = hourAgo(),
      notAfter = daysAfter(notBefore, CERTIFICATE_LIFETIME_DAYS),
    } = request;
    const keys = request.keys ?? await generateKeys(KEY_ALGORITHMS[request.key ?? "P-256"]);
    const certificate = await x509.X509CertificateGenerator.create({
      subject: [{ CN: [names[0] ?? "localhost"] }],
      issuer: this.#certificate.subjectName,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: ALGORITHM,
      notBefore,
      notAfter,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(names.map(generalName)),
        await x509.AuthorityKeyIdentifierExtension.create(this.#certificate),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return {
      key: await keyPem(keys.privateKey),
      cert: withLineEnd(certificate.toString("pem")),
    };
  }
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

/** Makes a certificate that nobody trusts, for as long as there is no other. */
export async function selfSigned(names: readonly string[]): Promise<ServerCertificate> {
  const keys = await generateKeys(ALGORITHM);
  const notBefore = hourAgo();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [names[0] ?? "localhost"] }],
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore,
    notAfter: daysAfter(notBefore, CERTIFICATE_LIFETIME_DAYS),
    extensions: [new x509.SubjectAlternativeNameExtension(names.map(generalName))],
  });
  return { key: await keyPem(keys.privateKey), cert: withLineEnd(certificate.toString("pem")) };
}

/** An IP address has digits and dots only, or a colon: what a DNS name never has. */
function generalName(name: string): x509.JsonGeneralName {
  const isAddress = name.includes(":") || /^[\d.]+$/.test(name);
  return { type: isAddress ? "ip" : "dns", value: name };
}

/** Clocks differ a little: what is made now has to be valid a while ago. */
function hourAgo(): Date {
  return new Date(Date.now() - HOUR_MS);
}

function daysAfter(date: Date, days: number): Date {
  return new Date(date.getTime() + days * DAY_MS);
}

function withLineEnd(pem: string): string {
  return pem.endsWith("\n") ? pem : pem + "\n";
}

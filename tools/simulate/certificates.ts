/**
 * A certificate authority for this machine: issues server certificates that only those trust who were told to.
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
const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const CA_LIFETIME_DAYS = 365;
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
  /** Default: an hour ago. */
  readonly notBefore?: Date;
  /** Default: 90 days after `notBefore`. Set both into the past for an expired certificate. */
  readonly notAfter?: Date;
}

/** A certificate authority that lives in memory. */
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

  /** The authority's own certificate in PEM: who has it in `DENO_CERT` trusts what is issued here. */
  get certificate(): string {
    return withLineEnd(this.#certificate.toString("pem"));
  }

  /** Issues a certificate for a TLS server, with a new key. */
  async issue(request: CertificateRequest): Promise<ServerCertificate> {
    const {
      names,
      notBefore = hourAgo(),
      notAfter = daysAfter(notBefore, CERTIFICATE_LIFETIME_DAYS),
    } = request;
    const keys = await generateKeys(KEY_ALGORITHMS[request.key ?? "P-256"]);
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
    const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
    return {
      key: withLineEnd(x509.PemConverter.encode(key, "PRIVATE KEY")),
      cert: withLineEnd(certificate.toString("pem")),
    };
  }
}

function generateKeys(algorithm: EcKeyGenParams | RsaHashedKeyGenParams): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
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

/**
 * The certificates that we show: what they say, and whether they hold.
 *
 * @module
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { DAY_MS } from "../base/mod.ts";
import type { CertificateFiles } from "../config/mod.ts";

/** PEM of a certificate chain and its private key. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate file holds. */
export interface Certificate {
  /** The server's own. */
  readonly leaf: X509Certificate;
  /** All certificates of the file, the server's own first. */
  readonly chain: readonly X509Certificate[];
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

/** A certificate that cannot be used. Its message names the problem and quotes nothing of the files. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
}

/** This long before its end, a certificate should have been renewed: acme clients do so 30 days ahead. */
export const EXPIRY_WARNING_MS = 14 * DAY_MS;

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Reads the two files. @throws when one cannot be read. */
export function readPair({ certFile, keyFile }: CertificateFiles): CertificatePair {
  return { cert: Deno.readTextFileSync(certFile), key: Deno.readTextFileSync(keyFile) };
}

/**
 * Checks that the pair is one.
 *
 * @throws {CertificateError}
 */
export function parseCertificate({ cert, key }: CertificatePair): Certificate {
  const chain = parseChain(cert);
  const [leaf] = chain;
  if (!leaf) throw new CertificateError("the certificate file holds no certificate");
  if (!leaf.checkPrivateKey(parseKey(key))) {
    throw new CertificateError("the first certificate of the file does not belong to the key");
  }
  return { leaf, chain, expiresAtMs: Date.parse(leaf.validTo) };
}

function parseChain(cert: string): X509Certificate[] {
  try {
    return (cert.match(PEM_CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem));
  } catch {
    // OpenSSL's messages say little to people and may quote the file.
    throw new CertificateError("the certificate file holds something that is no certificate");
  }
}

function parseKey(key: string) {
  try {
    return createPrivateKey(key);
  } catch {
    // As above; this file is secret besides.
    throw new CertificateError("the key file holds no usable private key");
  }
}

/** Whether a certificate is for a name or an address. */
export function coversHost({ leaf }: Certificate, host: string): boolean {
  return (isIP(host) ? leaf.checkIP(host) : leaf.checkHost(host)) !== undefined;
}

/** Something that is wrong with a certificate, or will be. */
export interface CertificateProblem {
  /** Whether it keeps clients out now. */
  readonly serious: boolean;
  readonly message: string;
  readonly remedy: string;
}

/** What is wrong with the dates. */
export function validityProblem(
  { leaf, expiresAtMs }: Certificate,
  nowMs: number,
): CertificateProblem | undefined {
  const end = new Date(expiresAtMs).toISOString().slice(0, 10);
  if (nowMs >= expiresAtMs) {
    return { serious: true, message: `it ended on ${end}`, remedy: RENEW };
  }
  if (nowMs < Date.parse(leaf.validFrom)) {
    const message = `it is not valid before ${leaf.validFrom}`;
    return { serious: true, message, remedy: "Check the clock of this machine." };
  }
  if (expiresAtMs - nowMs < EXPIRY_WARNING_MS) {
    return { serious: false, message: `it ends on ${end}`, remedy: RENEW };
  }
}

const RENEW = "Renew it. Its files are read again within a minute, without a restart.";

/**
 * What is wrong with the chain: clients need every certificate from the server's own up to one that was issued by a root
 * they know.
 *
 * @param roots PEM of the known roots; undefined: nobody may ask for them, and only a chain of one certificate is suspicious,
 * since public authorities never issue by their root itself.
 */
export function chainProblem(
  { chain }: Certificate,
  roots: readonly string[] | undefined,
): CertificateProblem | undefined {
  const broken = chain.findIndex((certificate, index) =>
    index > 0 && !chain[index - 1]!.checkIssued(certificate)
  );
  if (broken > 0) {
    return {
      serious: false,
      message: `certificate ${broken + 1} of the file did not issue the one before it`,
      remedy: "Put the server's own certificate first, then the one that issued it, and so on.",
    };
  }
  const last = chain.at(-1)!;
  if (last.checkIssued(last)) {
    return chain.length > 1 ? undefined : {
      serious: false,
      message: "it is self-signed: mail clients refuse it unless they are told to trust it",
      remedy: "Get a certificate from an authority such as Let's Encrypt.",
    };
  }
  const known = roots?.some((root) => last.checkIssued(new X509Certificate(root))) ??
    chain.length > 1;
  if (known) return undefined;
  return {
    serious: false,
    message: `its issuer (${oneLine(last.issuer)}) is no well-known authority`,
    remedy:
      "Most often an intermediate certificate is missing: give the full chain (fullchain.pem). With an authority of " +
      "your own, every client has to trust it.",
  };
}

function oneLine(name: string): string {
  return name.replace(/[\r\n]+/g, ", ");
}

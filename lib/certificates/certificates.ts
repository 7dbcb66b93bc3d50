/**
 * The certificates that clients are shown, and their problems.
 *
 * @module
 */
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { CertificatePair } from "../../smtp/mod.ts";
import { DAY_MS } from "../base/mod.ts";
import { type CertificateFiles, checkPair } from "../config/mod.ts";

/** A certificate chain that belongs to its private key. */
export interface Certificate {
  /** The server's own. */
  readonly leaf: X509Certificate;
  /** All certificates of the file, the server's own first. */
  readonly chain: readonly X509Certificate[];
  /** The key and the chain in that order, as the TLS library needs them. */
  readonly pair: CertificatePair;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

/** Thrown if a certificate cannot be used. The message names the problem and does not quote the files. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
}

/** Certificates are renewed earlier than this before they expire. If one is not, something is wrong. */
export const EXPIRY_WARNING_MS = 14 * DAY_MS;
/** The same for certificates that are valid for days or weeks only, as a part of their lifetime. */
const EXPIRY_WARNING_PART = 1 / 6;

/**
 * Reads the files of a pair, which can be the same, and returns the key and the chain in order, as the TLS library needs them.
 *
 * @throws if one cannot be read.
 */
export function readPair({ certFile, keyFile }: CertificateFiles): CertificatePair {
  const cert = Deno.readTextFileSync(certFile);
  return checkPair({ cert, key: keyFile === certFile ? cert : Deno.readTextFileSync(keyFile) })
    .pair;
}

/** Parses a pair. @throws {CertificateError} */
export function parseCertificate(texts: CertificatePair): Certificate {
  const { chain, pair, faults: [fault] } = checkPair(texts);
  if (fault) throw new CertificateError(fault.message);
  const leaf = chain[0]!;
  return { leaf, chain, pair, expiresAtMs: Date.parse(leaf.validTo) };
}

/** Returns the day on which a certificate expires, as 2028-11-30 (UTC). */
export function expiryDay({ expiresAtMs }: Certificate): string {
  return new Date(expiresAtMs).toISOString().slice(0, 10);
}

/** Whether a certificate is valid for a host name or an address. */
export function coversHost({ leaf }: Certificate, host: string): boolean {
  return (isIP(host) ? leaf.checkIP(host) : leaf.checkHost(host)) !== undefined;
}

/** Whether a certificate is self-signed. */
export function isSelfSigned({ leaf }: Certificate): boolean {
  return leaf.checkIssued(leaf);
}

/** Returns a number from 0 to 1 that differs between certificates, and stays the same for each. */
export function lifetimeFraction({ leaf }: Certificate): number {
  return parseInt(leaf.fingerprint256.replaceAll(":", "").slice(0, 8), 16) / 2 ** 32;
}

/** A problem of a certificate, now or soon. */
interface CertificateProblem {
  /** Whether clients cannot connect because of it. */
  readonly serious: boolean;
  readonly message: string;
  readonly remedy: string;
}

const RENEW = "Renew it. The files are read again within a minute, without a restart.";

/** Returns the problem with the dates of a certificate, if there is one. */
export function validityProblem(
  certificate: Certificate,
  nowMs: number,
): CertificateProblem | undefined {
  const { leaf, expiresAtMs } = certificate;
  const lifeMs = expiresAtMs - Date.parse(leaf.validFrom);
  const warningMs = Math.min(EXPIRY_WARNING_MS, lifeMs * EXPIRY_WARNING_PART);
  const end = expiryDay(certificate);
  if (nowMs >= expiresAtMs) {
    return { serious: true, message: `it expired on ${end}`, remedy: RENEW };
  }
  if (nowMs < Date.parse(leaf.validFrom)) {
    const message = `it is not valid before ${leaf.validFrom}`;
    return { serious: true, message, remedy: "Check the clock of this machine." };
  }
  if (expiresAtMs - nowMs < warningMs) {
    return { serious: false, message: `it expires on ${end}`, remedy: RENEW };
  }
}

/**
 * Returns the problem with the chain, if there is one. Clients need every certificate from that of the server up to one that was
 * issued by a root they know.
 *
 * @param roots The known roots in PEM. `undefined`: they cannot be read. Then only a chain of one certificate is suspicious,
 * since public authorities never issue from their root.
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
      message: `certificate ${broken + 1} in the file did not issue the one before it`,
      remedy: "Put the server's own certificate first, then the one that issued it, and so on.",
    };
  }
  const last = chain.at(-1)!;
  if (last.checkIssued(last)) {
    return chain.length > 1 ? undefined : {
      serious: false,
      message: "it is self-signed: mail clients reject it unless they are told to trust it",
      remedy: "Get a certificate from an authority such as Let's Encrypt.",
    };
  }
  const known = roots?.some((root) => last.checkIssued(new X509Certificate(root))) ??
    chain.length > 1;
  if (known) return undefined;
  return {
    serious: false,
    message: `its issuer (${last.issuer.replace(/[\r\n]+/g, ", ")}) is not a well-known authority`,
    remedy:
      "Usually an intermediate certificate is missing: give the full chain (fullchain.pem). If the authority is your " +
      "own, every client has to trust it.",
  };
}

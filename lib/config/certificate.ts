/**
 * Certificates and their private keys: the files that settings name, and whether the two belong together.
 *
 * @module
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { CertificatePair } from "../../smtp/mod.ts";
import type { SettingsReader } from "./reader.ts";
import type { SettingName } from "./settings/table.ts";

/** PEM files of a certificate chain and its private key. */
export interface CertificateFiles {
  readonly keyFile: string;
  readonly certFile: string;
}

/** A reason why a pair cannot be used. It quotes nothing from the files. */
interface CertificateFault {
  /** The file to blame. */
  readonly file: keyof CertificatePair;
  readonly message: string;
  readonly remedy: string;
}

/** The certificates of a pair, the server's own first, and the pair's faults. */
interface CheckedPair {
  readonly chain: readonly X509Certificate[];
  readonly faults: readonly CertificateFault[];
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

const FAULTS = {
  key: {
    file: "key",
    message: "the key file holds no usable private key",
    remedy: "Give an unencrypted key in PEM format (-----BEGIN PRIVATE KEY-----).",
  },
  cert: {
    file: "cert",
    message: "the certificate file holds no usable certificate",
    remedy: "Give a certificate chain in PEM format (-----BEGIN CERTIFICATE-----).",
  },
  pair: {
    file: "cert",
    message: "the first certificate in the file does not belong to the private key",
    remedy: "Put the server's own certificate first, and give the key it was issued for.",
  },
} as const satisfies Record<string, CertificateFault>;

/** Checks that key and certificates can be parsed and that the first certificate belongs to the key. */
export function checkPair({ cert, key }: CertificatePair): CheckedPair {
  const privateKey = parseKey(key);
  const chain = parseChain(cert);
  const [leaf] = chain;
  const faults = [
    ...(privateKey ? [] : [FAULTS.key]),
    ...(leaf ? [] : [FAULTS.cert]),
    ...(privateKey && leaf && !leaf.checkPrivateKey(privateKey) ? [FAULTS.pair] : []),
  ];
  return { chain, faults };
}

function parseKey(key: string): KeyObject | undefined {
  try {
    return createPrivateKey(key);
  } catch {
    // OpenSSL's messages say little to people and may quote the file.
    return undefined;
  }
}

function parseChain(cert: string): X509Certificate[] {
  try {
    return (cert.match(PEM_CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem));
  } catch {
    // As above.
    return [];
  }
}

/**
 * Parses the settings of a certificate and its key.
 *
 * @param needed The reason why the pair is required, if it is.
 */
export function parseCertificateFiles(
  settings: SettingsReader,
  keyName: SettingName,
  certName: SettingName,
  needed?: string,
): CertificateFiles | undefined {
  const keyFile = settings.text(keyName);
  const certFile = settings.text(certName);
  if (!keyFile && !certFile && needed === undefined) return undefined;
  if (!keyFile) reportMissing(settings, keyName, needed ?? `${certName} is set`);
  if (!certFile) reportMissing(settings, certName, needed ?? `${keyName} is set`);
  const key = keyFile && settings.file(keyName);
  const cert = certFile && settings.file(certName);
  if (!keyFile || !certFile) return undefined;
  if (key !== undefined && cert !== undefined) {
    for (const { file, message, remedy } of checkPair({ key, cert }).faults) {
      settings.problem(file === "key" ? keyName : certName, `${message}.`, remedy);
    }
  }
  return { keyFile, certFile };
}

function reportMissing(settings: SettingsReader, name: SettingName, reason: string): void {
  settings.problem(
    name,
    `is required, since ${reason}.`,
    "Set both: a certificate and its private key are two files in PEM format.",
  );
}

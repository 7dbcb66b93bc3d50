/**
 * Certificates and their private keys: the files that settings name, and the check that the two belong together.
 *
 * Files differ: they can hold key and chain in any order, a byte order mark, and text between the blocks.
 *
 * @module
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { CertificatePair } from "../../smtp/mod.ts";
import type { SettingsReader } from "./reader.ts";
import type { SettingName } from "./settings/table.ts";

/** PEM files of a certificate chain and its private key; one file may hold both. */
export interface CertificateFiles {
  readonly keyFile: string;
  readonly certFile: string;
}

/** A reason why a pair cannot be used. It does not quote the files. */
interface CertificateFault {
  /** The file with the fault. */
  readonly file: keyof CertificatePair;
  readonly message: string;
  readonly remedy: string;
}

/** The result of checking a pair. */
interface CheckedPair {
  /** The certificates of the pair: the server's own first, then each followed by its issuer. */
  readonly chain: readonly X509Certificate[];
  /** The key and the chain in that order, without anything else. */
  readonly pair: CertificatePair;
  readonly faults: readonly CertificateFault[];
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const PEM_KEY = /-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----[^]+?-----END \1-----/;
/** PKCS #8 has it in the label, the older form in a header (RFC 1421 section 4.6.1.1). */
const ENCRYPTED_KEY = /^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m;
/** DER and PKCS #12 are binary; UTF-16 has a zero octet in each character. */
const BINARY = /[\0\uFFFD]/;

const MIN_RSA_BITS = 2048;
const CURVES: readonly string[] = ["prime256v1", "secp384r1", "secp521r1"];
const OTHER_KEY =
  "Get a certificate for an RSA key of 2048 bits or more, or for an ECDSA key on P-256 or P-384: nothing else works with " +
  "the TLS library.";

const FAULTS = {
  noKey: {
    file: "key",
    message: "the key file holds no usable private key",
    remedy: "Give an unencrypted key in PEM format (-----BEGIN PRIVATE KEY-----).",
  },
  binaryKey: {
    file: "key",
    message: "the key file is not PEM text but binary (DER, PKCS #12 or UTF-16)",
    remedy: "Convert it, for example with: openssl pkcs12 -in FILE.pfx -nodes -out FILE.pem",
  },
  encryptedKey: {
    file: "key",
    message: "the private key is encrypted with a passphrase",
    remedy: "Decrypt it with: openssl pkey -in KEY.pem -out DECRYPTED_KEY.pem",
  },
  sshKey: {
    file: "key",
    message: "the private key is one for SSH",
    remedy: "Give the key that the certificate was issued for.",
  },
  noCert: {
    file: "cert",
    message: "the certificate file holds no usable certificate",
    remedy: "Give a certificate chain in PEM format (-----BEGIN CERTIFICATE-----).",
  },
  binaryCert: {
    file: "cert",
    message: "the certificate file is not PEM text but binary (DER, PKCS #12 or UTF-16)",
    remedy: "Convert it, for example with: openssl x509 -inform der -in FILE.crt -out FILE.pem",
  },
  pair: {
    file: "cert",
    message: "no certificate in the file belongs to the private key",
    remedy: "Give the server's own certificate together with the key it was issued for.",
  },
} as const satisfies Record<string, CertificateFault>;

/** Checks that a key and certificates can be used, and that one of the certificates belongs to the key. */
export function checkPair({ cert, key }: CertificatePair): CheckedPair {
  const privateKey = readKey(key);
  const found = readCertificates(cert);
  const faults = [
    ...("fault" in privateKey ? [privateKey.fault] : []),
    ...("fault" in found ? [found.fault] : []),
  ];
  if ("fault" in found) return { chain: [], pair: { cert, key }, faults };
  if ("fault" in privateKey) return { chain: found.chain, pair: { cert, key }, faults };
  const chain = ordered(found.chain, privateKey.key);
  return chain
    ? { chain, pair: { key: privateKey.pem, cert: chain.map(String).join("") }, faults }
    : { chain: found.chain, pair: { cert, key }, faults: [FAULTS.pair] };
}

/** Whether a text holds a private key, usable or not. */
function holdsKey(text: string): boolean {
  return PEM_KEY.test(withoutCarriageReturns(text));
}

/** Returns the certificates in a text, each in PEM. */
export function pemCertificates(text: string): readonly string[] {
  return withoutCarriageReturns(text).match(PEM_CERTIFICATE) ?? [];
}

type Read<Result> = Result | { readonly fault: CertificateFault };

function readKey(text: string): Read<{ key: KeyObject; pem: string }> {
  const [block, label = ""] = PEM_KEY.exec(withoutCarriageReturns(text)) ?? [];
  if (block === undefined) return { fault: BINARY.test(text) ? FAULTS.binaryKey : FAULTS.noKey };
  if (ENCRYPTED_KEY.test(block)) return { fault: FAULTS.encryptedKey };
  if (label.startsWith("OPENSSH")) return { fault: FAULTS.sshKey };
  try {
    const key = createPrivateKey(block);
    const unusable = unusableType(key);
    return unusable === undefined ? { key, pem: `${block}\n` } : { fault: keyTypeFault(unusable) };
  } catch (error) {
    // OpenSSL's messages are hard to understand and can quote the file.
    const isCurve = error instanceof Error && /curve/.test(error.message);
    return { fault: isCurve ? keyTypeFault("an ECDSA key on an unusual curve") : FAULTS.noKey };
  }
}

/** Describes the type of a key if TLS handshakes would fail with it. */
function unusableType({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
  const type: string = asymmetricKeyType ?? "unknown";
  const { namedCurve = "", modulusLength = 0 } = asymmetricKeyDetails ?? {};
  switch (type) {
    case "ed25519":
      return undefined;
    case "rsa":
      return modulusLength >= MIN_RSA_BITS ? undefined : `an RSA key of ${modulusLength} bits`;
    case "ec":
      return CURVES.includes(namedCurve) ? undefined : `an ECDSA key on the curve ${namedCurve}`;
    default:
      return `a key of the type ${type.toUpperCase()}`;
  }
}

function keyTypeFault(type: string): CertificateFault {
  const message = `the private key is ${type}, which the TLS library cannot use`;
  return { file: "key", message, remedy: OTHER_KEY };
}

function readCertificates(text: string): Read<{ chain: X509Certificate[] }> {
  try {
    const blocks = pemCertificates(text);
    if (blocks.length > 0) return { chain: blocks.map((pem) => new X509Certificate(pem)) };
  } catch {
    // As above.
  }
  return { fault: BINARY.test(text) ? FAULTS.binaryCert : FAULTS.noCert };
}

function withoutCarriageReturns(text: string): string {
  return text.replaceAll("\r", "");
}

/** Returns the certificate of a key, its issuer, and so on. Unrelated ones follow. */
function ordered(
  certificates: readonly X509Certificate[],
  key: KeyObject,
): X509Certificate[] | undefined {
  let next = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (!next) return undefined;
  const rest = new Set(certificates);
  const chain: X509Certificate[] = [];
  while (next) {
    const last: X509Certificate = next;
    chain.push(last);
    rest.delete(last);
    next = [...rest].find((certificate) => last.checkIssued(certificate));
  }
  return [...chain, ...rest];
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
  const names = { key: keyName, cert: certName };
  const given = { key: settings.text(keyName), cert: settings.text(certName) };
  if (!given.key && !given.cert) {
    if (needed !== undefined) {
      for (const name of [keyName, certName]) missing(settings, name, needed);
    }
    return undefined;
  }
  const texts = {
    key: given.key && settings.file(keyName),
    cert: given.cert && settings.file(certName),
  };
  // One file can hold both.
  const key = given.key ? texts.key : texts.cert;
  const cert = given.cert ? texts.cert : texts.key;
  if (key === undefined || cert === undefined) return undefined;
  if (!given.key && !holdsKey(key)) {
    missing(settings, keyName, `${certName} is set and holds no private key`);
    return undefined;
  }
  const { faults } = checkPair({ key, cert });
  if (!given.cert && faults.some(({ file }) => file === "cert")) {
    missing(settings, certName, `${keyName} is set and holds no certificate for the key`);
    return undefined;
  }
  for (const { file, message, remedy } of faults) {
    settings.problem(given[file] ? names[file] : certName, `${message}.`, remedy);
  }
  return { keyFile: given.key ?? given.cert!, certFile: given.cert ?? given.key! };
}

function missing(settings: SettingsReader, name: SettingName, reason: string): void {
  settings.problem(
    name,
    `is required, since ${reason}.`,
    "A certificate and its private key are needed in PEM format, in two files or in one. ACME_EMAIL gets one automatically, " +
      "OWN_CA=on makes one for a local network.",
  );
}

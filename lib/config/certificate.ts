import { createPrivateKey, X509Certificate } from "node:crypto";
import type { SettingsReader } from "./reader.ts";
import type { SettingName } from "./settings.ts";
import type { CertificateFiles } from "./types.ts";

/**
 * The files of a certificate and its key.
 *
 * @param needed Why the pair is needed, when it is.
 */
export function parseCertificate(
  settings: SettingsReader,
  keyName: SettingName,
  certName: SettingName,
  needed?: string,
): CertificateFiles | undefined {
  const keyFile = settings.text(keyName);
  const certFile = settings.text(certName);
  if (!keyFile && !certFile && needed === undefined) return undefined;
  if (!keyFile) missing(settings, keyName, needed ?? `${certName} is set`);
  if (!certFile) missing(settings, certName, needed ?? `${keyName} is set`);
  const key = keyFile && settings.file(keyName);
  const cert = certFile && settings.file(certName);
  if (!keyFile || !certFile) return undefined;
  if (key !== undefined && cert !== undefined) checkPair(settings, keyName, key, certName, cert);
  return { keyFile, certFile };
}

function missing(settings: SettingsReader, name: SettingName, reason: string): void {
  settings.problem(
    name,
    `is required, since ${reason}.`,
    "Set both: a certificate and its private key are two files in PEM format.",
  );
}

/** OpenSSL's own messages say little and may quote the file, so they are not passed on. */
function checkPair(
  settings: SettingsReader,
  keyName: SettingName,
  keyText: string,
  certName: SettingName,
  certText: string,
): void {
  const key = attempt(() => createPrivateKey(keyText));
  const cert = attempt(() => new X509Certificate(certText));
  if (!key) {
    settings.problem(
      keyName,
      "the file holds no usable private key.",
      "Give an unencrypted key in PEM format (-----BEGIN PRIVATE KEY-----).",
    );
  }
  if (!cert) {
    settings.problem(
      certName,
      "the file holds no usable certificate.",
      "Give a certificate chain in PEM format (-----BEGIN CERTIFICATE-----).",
    );
  }
  if (key && cert && !cert.checkPrivateKey(key)) {
    settings.problem(
      certName,
      `the first certificate does not belong to the key in ${keyName}.`,
      "Put the server's own certificate first, and give the key it was issued for.",
    );
  }
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    // Whatever the reason: the caller reports the file as unusable.
    return undefined;
  }
}

/**
 * The settings that development adds: it listens on this machine alone, and has a certificate.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { CertificateAuthority } from "./simulate/certificates.ts";
import { LOOPBACK_NAMES } from "../lib/base/mod.ts";

type Settings = Readonly<Record<string, string | undefined>>;

const TLS_PORTS = ["SMTP_TLS_PORT", "SMTP_STARTTLS_PORT", "SMTP_AUTOTLS_PORT"];
/** Where a certificate may come from. */
const CERTIFICATES = ["SMTP_CERT_FILE", "SMTP_KEY_FILE", "ACME", "ACME_EMAIL", "OWN_CA"];

/**
 * Returns the settings that development adds to those that are given.
 *
 * @param directory Where the certificate and the authority that has issued it go.
 */
export async function developmentSettings(
  given: Settings,
  directory: string,
): Promise<Record<string, string>> {
  const needsCertificate = TLS_PORTS.some((name) => given[name]) &&
    !CERTIFICATES.some((name) => given[name]);
  return {
    ...(given.SMTP_HOST === undefined && { SMTP_HOST: "localhost" }),
    ...(needsCertificate && await makeCertificate(given.SMTP_PUBLIC_HOST, resolve(directory))),
  };
}

async function makeCertificate(publicHost: string | undefined, directory: string) {
  await Deno.mkdir(directory, { recursive: true });
  const authority = await openAuthority(join(directory, "ca.pem"));
  const names = [...(publicHost ? [publicHost] : []), ...LOOPBACK_NAMES];
  const { key, cert } = await authority.issue({ names });
  const file = join(directory, "certificate.pem");
  await Deno.writeTextFile(file, key + cert + authority.certificate, { mode: 0o600 });
  return { SMTP_CERT_FILE: file };
}

/** It stays, so that clients have to trust it once. */
async function openAuthority(path: string): Promise<CertificateAuthority> {
  try {
    return await CertificateAuthority.open(await Deno.readTextFile(path));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const authority = await CertificateAuthority.create("SMTP OAuth2 proxy, development");
  await Deno.writeTextFile(path, await authority.pem(), { mode: 0o600 });
  return authority;
}

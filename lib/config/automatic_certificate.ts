/**
 * The settings of a certificate that the program gets or makes by itself.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { Secret } from "../base/mod.ts";
import type { CertificateFiles } from "./certificate.ts";
import { EMAIL, isPublicName, parseUrl, unique } from "./network.ts";
import type { SettingsReader } from "./reader.ts";
import type { SettingName } from "./settings/table.ts";

/** The maker of a certificate: an authority by ACME (RFC 8555), or an authority of our own. */
export type CertificateSource = "acme" | "own-ca";

/** An authority that speaks ACME, and the account there. */
export interface AcmeConfig {
  readonly directoryUrl: string;
  /** Address that the authority may write to. */
  readonly email?: string;
  /** External account binding (RFC 8555 section 7.3.4). */
  readonly binding?: { readonly keyId: string; readonly hmacKey: Secret };
}

/** A certificate that the program keeps valid by itself. */
export interface AutomaticCertificate {
  /** The folder of everything that belongs to it, for its owner alone. */
  readonly folder: string;
  /** One file with key and chain. */
  readonly files: CertificateFiles;
  /** Host names, and for an authority of our own addresses too: the first is that of the SMTP server. */
  readonly names: readonly string[];
  /** Present: from an authority by ACME. Absent: from an authority of our own. */
  readonly acme?: AcmeConfig;
}

/** Settings that mean nothing without ACME. */
const ACME_DETAILS = ["ACME_DIRECTORY_URL", "ACME_EAB_KEY_ID", "ACME_EAB_HMAC_KEY"] as const;

/** Returns the maker of the certificates that no setting names files of. */
export function parseCertificateSource(settings: SettingsReader): CertificateSource | undefined {
  const acme = settings.flag("ACME", settings.text("ACME_EMAIL") !== undefined);
  const ownCa = settings.flag("OWN_CA", false);
  if (acme && ownCa) {
    settings.problem("OWN_CA", "excludes ACME.", "Use one of them.");
  }
  if (acme) return "acme";
  for (const name of ACME_DETAILS.filter((name) => settings.text(name) !== undefined)) {
    settings.problem(name, "has no effect without ACME.", "Set ACME_EMAIL or ACME=on.");
  }
  return ownCa ? "own-ca" : undefined;
}

/** Returns where an automatic certificate is kept: beside the database, in the only folder that may be written to. */
export function automaticFiles(source: CertificateSource, sqlitePath: string): CertificateFiles {
  const file = join(dirname(sqlitePath), source, "certificate.pem");
  return { keyFile: file, certFile: file };
}

/** Parses the settings of an automatic certificate. @param hosts Those of the SMTP server and of the pages. */
export function parseAutomaticCertificate(
  settings: SettingsReader,
  source: CertificateSource,
  files: CertificateFiles,
  hosts: Readonly<Partial<Record<"SMTP_PUBLIC_HOST" | "PUBLIC_URL", string>>>,
): AutomaticCertificate {
  const names = unique(Object.values(hosts).filter(Boolean).map((host) => host.toLowerCase()));
  const common = { files, names, folder: dirname(files.certFile) };
  if (source === "own-ca") return common;
  for (const [setting, host] of Object.entries(hosts)) {
    checkPublicName(settings, setting as SettingName, host);
  }
  return { ...common, acme: parseAcme(settings) };
}

/** Public authorities issue for names that everybody can look up. */
function checkPublicName(settings: SettingsReader, setting: SettingName, host: string): void {
  if (!host) return;
  settings.check(setting, {
    isValid: isPublicName,
    fault: "is no public name, and ACME needs one",
    remedy: "Give a name that DNS knows everywhere, or use OWN_CA=on in a local network.",
  }, host);
}

function parseAcme(settings: SettingsReader): AcmeConfig {
  const email = settings.text("ACME_EMAIL");
  if (email !== undefined) settings.check("ACME_EMAIL", EMAIL, email);
  const url = settings.textOrDefault("ACME_DIRECTORY_URL");
  const directoryUrl = parseUrl(settings, "ACME_DIRECTORY_URL", url, { secure: true, query: true });
  return { directoryUrl, email, binding: parseBinding(settings) };
}

function parseBinding(settings: SettingsReader): AcmeConfig["binding"] {
  const keyId = settings.text("ACME_EAB_KEY_ID");
  const hmacKey = settings.text("ACME_EAB_HMAC_KEY");
  if (!keyId && !hmacKey) return undefined;
  if (!keyId || !hmacKey) {
    const [missing, given] = keyId
      ? ["ACME_EAB_HMAC_KEY", "ACME_EAB_KEY_ID"]
      : ["ACME_EAB_KEY_ID", "ACME_EAB_HMAC_KEY"];
    const remedy = "The certificate authority gives both together.";
    settings.problem(missing, `is required, since ${given} is set.`, remedy);
    return undefined;
  }
  settings.check("ACME_EAB_HMAC_KEY", {
    isValid: () => /^[\w+/-]+=*$/.test(hmacKey),
    fault: "is not a key in base64url",
    remedy: "Copy the HMAC key as the certificate authority shows it.",
  }, "the value");
  return { keyId, hmacKey: new Secret(hmacKey) };
}

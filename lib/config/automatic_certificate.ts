/**
 * The settings of a certificate that the program requests or makes automatically.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { Secret } from "../base/mod.ts";
import type { CertificateFiles } from "./certificate.ts";
import { EMAIL, isPublicName, parseUrl, unique, withoutBrackets } from "./network.ts";
import type { Format, SettingsReader } from "./reader.ts";
import type { SettingName } from "./settings/table.ts";

/** The source of the certificates that no setting names files of. */
export interface AutomaticSource {
  /** An authority by ACME (RFC 8555), or an authority of our own. */
  readonly kind: "acme" | "own-ca";
  /** One file with key and chain, beside the database: the program writes to that folder only. */
  readonly files: CertificateFiles;
}

/** An authority that speaks ACME, and the account there. */
export interface AcmeConfig {
  readonly directoryUrl: string;
  /** Address that the authority may write to. */
  readonly email?: string;
  /** External account binding (RFC 8555 section 7.3.4). */
  readonly binding?: { readonly keyId: string; readonly hmacKey: Secret };
}

/** A certificate that the program renews automatically. */
export interface AutomaticCertificate {
  /** The folder of its files, which only its owner may read. */
  readonly folder: string;
  /** One file with key and chain. */
  readonly files: CertificateFiles;
  /** Host names, that of the SMTP server first. With an authority of our own, they can be addresses, too. */
  readonly names: readonly string[];
  /** Present: from an authority by ACME. Absent: from an authority of our own. */
  readonly acme?: AcmeConfig;
}

/** Settings that have no effect without ACME. */
const ACME_DETAILS = ["ACME_DIRECTORY_URL", "ACME_EAB_KEY_ID", "ACME_EAB_HMAC_KEY"] as const;

/** Parses the source of automatic certificates; `undefined` if there are none. */
export function parseAutomaticSource(
  settings: SettingsReader,
  sqlitePath: string,
): AutomaticSource | undefined {
  const kind = parseKind(settings);
  if (kind === undefined) return undefined;
  const file = join(dirname(sqlitePath), kind, "certificate.pem");
  return { kind, files: { keyFile: file, certFile: file } };
}

function parseKind(settings: SettingsReader): AutomaticSource["kind"] | undefined {
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

/** The parts of the configuration that an automatic certificate is for. */
interface Users {
  readonly smtp: { readonly certificate?: CertificateFiles; readonly publicHost: string };
  readonly http: { readonly certificate?: CertificateFiles };
  readonly publicUrl?: string;
}

/** Parses the settings of an automatic certificate; `undefined` if settings name files for everything. */
export function parseAutomaticCertificate(
  settings: SettingsReader,
  { kind, files }: AutomaticSource,
  { smtp, http, publicUrl = "" }: Users,
): AutomaticCertificate | undefined {
  const hosts: (readonly [setting: SettingName, host: string])[] = [];
  if (smtp.certificate === files) hosts.push(["SMTP_PUBLIC_HOST", smtp.publicHost]);
  if (http.certificate === files) hosts.push(["PUBLIC_URL", hostOf(publicUrl)]);
  if (hosts.length === 0) {
    const variable = kind === "acme" ? "ACME" : "OWN_CA";
    const remedy = "Remove it, or remove the settings of one of the files.";
    settings.problem(
      variable,
      "has no effect, since files are named for all certificates.",
      remedy,
    );
    return undefined;
  }
  // A missing host has been reported.
  const given = hosts.filter(([, host]) => host !== "");
  const names = unique(given.map(([, host]) => host.toLowerCase()));
  const common = { files, names, folder: dirname(files.certFile) };
  if (kind === "own-ca") return common;
  for (const [setting, host] of given) settings.check(setting, PUBLIC_NAME, host);
  return { ...common, acme: parseAcme(settings) };
}

/** Returns the host of a URL; "" if it is none. */
function hostOf(url: string): string {
  return withoutBrackets(URL.parse(url)?.hostname ?? "");
}

/** The format of a name that public authorities issue certificates for. */
const PUBLIC_NAME: Format = {
  isValid: isPublicName,
  fault: "is not a public name, and ACME needs one",
  remedy: "Give a name that DNS knows everywhere, or use OWN_CA=on in a local network.",
};

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

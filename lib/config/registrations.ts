/**
 * The app registrations at Microsoft, and how each authenticates itself.
 *
 * @module
 */
import { Secret } from "../base/mod.ts";
import { type CertificateFiles, checkPair } from "./certificate.ts";
import { ListSyntaxError, parsePairs } from "./list_syntax.ts";
import { isOneOrganisation } from "./microsoft.ts";
import { type Environment, type SettingsReader, shown } from "./reader.ts";

/** How an app registration authenticates itself at the token endpoint (RFC 6749 section 2.3). */
export type ClientAuthentication =
  /** A client secret. `expiresAtMs`: its end, in milliseconds since the epoch, if a setting names it. */
  | { readonly kind: "secret"; readonly secret: Secret; readonly expiresAtMs?: number }
  /** A signature with the key of a certificate (RFC 7523 section 2.2). Changed files are read again. */
  | ({ readonly kind: "certificate" } & CertificateFiles)
  /** The token of a workload that Microsoft trusts (RFC 7523 section 2.2). Its file is read for each request. */
  | { readonly kind: "token-file"; readonly tokenFile: string }
  /** None: a public client. PKCE alone protects its sign-ins (RFC 7636), and it cannot send for app-only mailboxes. */
  | { readonly kind: "none" };

/** An app registration at Microsoft: the OAuth 2.0 client (RFC 6749 section 2). */
export interface AppRegistration {
  readonly clientId: string;
  /** The accounts that it serves, as in `MICROSOFT_TENANT`: those of one organisation, or of a group of tenants. */
  readonly tenant: string;
  readonly authentication: ClientAuthentication;
}

/** Settings that pair a registration with something. */
type PairSetting =
  | "APP_SECRETS"
  | "APP_SECRET_EXPIRES"
  | "APP_CERT_FILES"
  | "APP_KEY_FILES"
  | "APP_TOKEN_FILES";

/** Settings whose pairs name a file. */
const FILE_SETTINGS = ["APP_CERT_FILES", "APP_KEY_FILES", "APP_TOKEN_FILES"] as const;

/** A registration in a setting. */
interface Entry<Value> {
  readonly setting: PairSetting | "APP_PUBLIC_IDS";
  readonly clientId: string;
  /** Its own tenant, if the entry gives one. */
  readonly tenant?: string;
  readonly value: Value;
}

/**
 * Parses the app registrations, in the order given.
 *
 * @param defaultTenant The tenant of those without one of their own.
 */
export function parseRegistrations(
  settings: SettingsReader,
  defaultTenant: string,
): AppRegistration[] {
  const problemCount = settings.problems.length;
  const entries = [
    ...parseSecrets(settings),
    ...parseCertificates(settings),
    ...parseTokenFiles(settings),
    ...parsePublicIds(settings),
  ];
  if (entries.length === 0 && settings.problems.length === problemCount) {
    settings.missing("APP_SECRETS");
  }
  reportRepeated(settings, entries);
  return entries.map(({ clientId, tenant = defaultTenant, value }) => ({
    clientId,
    tenant,
    authentication: value,
  }));
}

/** Parses the ID of the registration for new accounts. Default: the first one without a tenant of its own, or the first. */
export function parseDefaultClientId(
  settings: SettingsReader,
  registrations: readonly AppRegistration[],
  defaultTenant: string,
): string {
  const ids = registrations.map(({ clientId }) => clientId);
  const shared = registrations.find(({ tenant }) => tenant === defaultTenant);
  const id = settings.text("DEFAULT_APP_ID") ?? shared?.clientId ?? ids[0] ?? "";
  settings.check("DEFAULT_APP_ID", {
    isValid: () => ids.length === 0 || ids.includes(id),
    fault: "is not in APP_SECRETS",
    remedy: "Give one of the IDs in APP_SECRETS, or remove the variable.",
  }, id);
  return id;
}

/** Returns the files of certificates, keys and tokens that an environment names. */
export function registrationFiles(environment: Environment): readonly string[] {
  return FILE_SETTINGS.flatMap((name) => {
    try {
      return parsePairs(environment[name] ?? "").map(([, file]) => file);
    } catch (error) {
      if (error instanceof ListSyntaxError) return []; // The parser of the settings reports it.
      throw error;
    }
  });
}

function parseSecrets(settings: SettingsReader): Entry<ClientAuthentication>[] {
  const entries = parseEntries(settings, "APP_SECRETS");
  const ends = parseEnds(settings, entries.map(({ clientId }) => clientId));
  return entries.map((entry) => {
    const expiresAtMs = ends.get(entry.clientId);
    return { ...entry, value: { kind: "secret", secret: new Secret(entry.value), expiresAtMs } };
  });
}

/** A day, as Microsoft's pages show the end of a secret. */
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Parses a day such as `2028-11-30`.
 *
 * @returns the time at which it begins in UTC, in milliseconds since the epoch; `undefined` if there is no such day.
 */
export function parseDay(text: string): number | undefined {
  const startMs = DATE.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  // JavaScript turns 2028-02-31 into another day.
  const exists = !Number.isNaN(startMs) && new Date(startMs).toISOString().startsWith(text);
  return exists ? startMs : undefined;
}

function parseEnds(
  settings: SettingsReader,
  clientIds: readonly string[],
): ReadonlyMap<string, number> {
  const ends = new Map<string, number>();
  const name = "APP_SECRET_EXPIRES";
  for (const { clientId, value } of parseEntries(settings, name)) {
    const endMs = parseDay(value);
    if (endMs === undefined) {
      const remedy = "Write it as year-month-day, for example 2028-11-30.";
      settings.problem(name, `${shown(value)} is not a date.`, remedy);
    } else if (!clientIds.includes(clientId)) {
      const remedy = "Give the ID of a registration in APP_SECRETS, or remove the entry.";
      settings.problem(name, `${shown(clientId)} is not in APP_SECRETS.`, remedy);
    } else ends.set(clientId, endMs);
  }
  return ends;
}

function parseCertificates(settings: SettingsReader): Entry<ClientAuthentication>[] {
  const certs = parseEntries(settings, "APP_CERT_FILES");
  const keys = parseEntries(settings, "APP_KEY_FILES");
  reportUnpaired(settings, "APP_KEY_FILES", certs, keys);
  reportUnpaired(settings, "APP_CERT_FILES", keys, certs);
  return certs.flatMap((cert) => {
    const key = keys.find(({ clientId }) => clientId === cert.clientId);
    if (!key) return [];
    const files = { certFile: cert.value, keyFile: key.value };
    reportFaults(settings, files);
    return [{
      ...cert,
      tenant: cert.tenant ?? key.tenant,
      value: { kind: "certificate", ...files },
    }];
  });
}

function reportUnpaired(
  settings: SettingsReader,
  missingIn: "APP_KEY_FILES" | "APP_CERT_FILES",
  entries: readonly Entry<string>[],
  others: readonly Entry<string>[],
): void {
  for (const { clientId } of entries) {
    if (others.some((other) => other.clientId === clientId)) continue;
    settings.problem(
      missingIn,
      `has no file for ${shown(clientId)}.`,
      "Name both: the certificate in APP_CERT_FILES and its private key in APP_KEY_FILES. One file may hold the two.",
    );
  }
}

function reportFaults(settings: SettingsReader, { certFile, keyFile }: CertificateFiles): void {
  const cert = settings.fileAt("APP_CERT_FILES", certFile);
  const key = settings.fileAt("APP_KEY_FILES", keyFile);
  if (cert === undefined || key === undefined) return;
  const { chain: [certificate], faults } = checkPair({ cert, key });
  if (certificate && faults.length === 0 && certificate.publicKey.asymmetricKeyType !== "rsa") {
    const message = `${shown(certFile)}: the certificate's key is not an RSA key.`;
    settings.problem("APP_CERT_FILES", message, "Microsoft accepts signatures of RSA keys alone.");
  }
  for (const { file, message, remedy } of faults) {
    const [name, path] = file === "key" ? ["APP_KEY_FILES", keyFile] : ["APP_CERT_FILES", certFile];
    settings.problem(name, `${shown(path)}: ${message}.`, remedy);
  }
}

/** The files are not read here: the service that writes them can start later than the program. */
function parseTokenFiles(settings: SettingsReader): Entry<ClientAuthentication>[] {
  return parseEntries(settings, "APP_TOKEN_FILES").map((entry) => ({
    ...entry,
    value: { kind: "token-file", tokenFile: entry.value },
  }));
}

function parsePublicIds(settings: SettingsReader): Entry<ClientAuthentication>[] {
  const setting = "APP_PUBLIC_IDS";
  return settings.list(setting).map((id) => ({
    setting,
    ...parseId(settings, setting, id),
    value: { kind: "none" },
  }));
}

function parseEntries(settings: SettingsReader, setting: PairSetting): Entry<string>[] {
  return settings.entries(setting, parsePairs)
    .map(([id, value]) => ({ setting, ...parseId(settings, setting, id), value }));
}

/** Parses `application-id` or `application-id@tenant`. */
function parseId(
  settings: SettingsReader,
  setting: Entry<never>["setting"],
  id: string,
): Pick<Entry<never>, "clientId" | "tenant"> {
  const at = id.indexOf("@");
  if (at < 0) return { clientId: id };
  const tenant = id.slice(at + 1).toLowerCase();
  settings.check(setting, {
    isValid: isOneOrganisation,
    fault: "is not the tenant of one organisation",
    remedy: "After the @, give its tenant ID, or a domain such as example.com.",
  }, tenant);
  return { clientId: id.slice(0, at), tenant };
}

function reportRepeated(settings: SettingsReader, entries: readonly Entry<unknown>[]): void {
  const repeated = entries.find(({ clientId }, index) =>
    entries.findIndex((entry) => entry.clientId === clientId) < index
  );
  if (!repeated) return;
  const { setting, clientId } = repeated;
  const message = `${shown(clientId)} appears twice.`;
  settings.problem(setting, message, "Give each registration once, with one way to prove itself.");
}

import { Secret } from "../base/mod.ts";
import { parsePairs } from "./list_syntax.ts";
import { HOST, isHost, parseBaseUrl } from "./network.ts";
import { type Form, type SettingsReader, shown } from "./reader.ts";

/** An app registration at Microsoft: the OAuth 2.0 client (RFC 6749 section 2). */
export interface AppRegistration {
  readonly clientId: string;
  readonly clientSecret: Secret;
}

/** The identity service. */
export interface MicrosoftConfig {
  /** `consumers`, `organizations`, `common`, a tenant's GUID or one of its domains. */
  readonly tenant: string;
  /** Base URL without a trailing slash. */
  readonly authority: string;
}

/** The submission server. */
export interface TargetConfig {
  /** Absent: depends on the type of the account. */
  readonly host?: string;
  readonly port: number;
  readonly tls: "starttls" | "implicit";
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const TENANT_KEYWORDS = ["consumers", "organizations", "common"];

/** Message submission over implicit TLS (RFC 8314 section 3.3). */
const IMPLICIT_TLS_PORT = 465;

/** Parses the app registrations, in the order given. */
export function parseRegistrations(settings: SettingsReader): AppRegistration[] {
  const pairs = settings.entries("APP_SECRETS", parsePairs, true);
  const ids = pairs.map(([clientId]) => clientId);
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined) {
    const message = `${shown(repeated)} appears twice.`;
    settings.problem("APP_SECRETS", message, "Give each registration once.");
  }
  return pairs.map(([clientId, secret]) => ({ clientId, clientSecret: new Secret(secret) }));
}

/** Parses the ID of the registration for new accounts. */
export function parseDefaultClientId(
  settings: SettingsReader,
  registrations: readonly AppRegistration[],
): string {
  const ids = registrations.map(({ clientId }) => clientId);
  const id = settings.text("DEFAULT_APP_ID") ?? ids[0] ?? "";
  settings.check("DEFAULT_APP_ID", {
    isValid: () => ids.length === 0 || ids.includes(id),
    fault: "is not in APP_SECRETS",
    remedy: "Give one of the IDs in APP_SECRETS, or remove the variable.",
  }, id);
  return id;
}

const TENANT: Form = {
  isValid: (text) =>
    TENANT_KEYWORDS.includes(text) || GUID.test(text) || text.includes(".") && isHost(text),
  fault: "is not a tenant",
  remedy: `Use one of ${TENANT_KEYWORDS.join(", ")}, a tenant ID, or a domain such as example.com.`,
};

/** Parses the settings of the identity service. */
export function parseMicrosoft(settings: SettingsReader): MicrosoftConfig {
  const tenant = settings.textOrDefault("MICROSOFT_TENANT").toLowerCase();
  settings.check("MICROSOFT_TENANT", TENANT, tenant);
  const authority = settings.textOrDefault("MICROSOFT_AUTHORITY");
  return {
    tenant,
    authority: parseBaseUrl(settings, "MICROSOFT_AUTHORITY", authority, { secure: true }),
  };
}

/** Parses the settings of the submission server. */
export function parseTarget(settings: SettingsReader): TargetConfig {
  const host = settings.text("SMTP_TARGET_HOST");
  if (host !== undefined) settings.check("SMTP_TARGET_HOST", HOST, host);
  const port = settings.integer("SMTP_TARGET_PORT");
  const implicit = settings.flag("SMTP_TARGET_TLS", port === IMPLICIT_TLS_PORT);
  return { host, port, tls: implicit ? "implicit" : "starttls" };
}

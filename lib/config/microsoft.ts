import { HOST, IMPLICIT_TLS_PORT, isHost, parseBaseUrl } from "./network.ts";
import type { Format, SettingsReader } from "./reader.ts";

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

/** Whether the text is a GUID, in any case. */
export function isGuid(text: string): boolean {
  return GUID.test(text);
}

/** Whether the text names one organisation: by its tenant ID or a domain, in lower case. */
export function isOneOrganisation(text: string): boolean {
  return isGuid(text) || text.includes(".") && isHost(text);
}

const TENANT: Format = {
  isValid: (text) => TENANT_KEYWORDS.includes(text) || isOneOrganisation(text),
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

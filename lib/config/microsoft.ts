import { Secret } from "../base/mod.ts";
import { parsePairs } from "./list_syntax.ts";
import { checkHost, isHost, parseBaseUrl } from "./network.ts";
import { type SettingsReader, shown } from "./reader.ts";
import type { AppRegistration, MicrosoftConfig, TargetConfig } from "./types.ts";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const TENANT_KEYWORDS = ["consumers", "organizations", "common"];

/** Message submission over implicit TLS (RFC 8314 section 3.3). */
const IMPLICIT_TLS_PORT = 465;

/** The app registrations, in the order given. */
export function parseRegistrations(settings: SettingsReader): AppRegistration[] {
  const pairs = settings.entries("APP_SECRETS", parsePairs, { required: true });
  const ids = pairs.map(([clientId]) => clientId);
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined) {
    settings.problem(
      "APP_SECRETS",
      `${shown(repeated)} appears twice.`,
      "Give each registration once.",
    );
  }
  return pairs.map(([clientId, secret]) => ({ clientId, clientSecret: new Secret(secret) }));
}

/** The registration for new accounts. */
export function parseDefaultClientId(
  settings: SettingsReader,
  registrations: readonly AppRegistration[],
): string {
  const ids = registrations.map(({ clientId }) => clientId);
  const id = settings.text("DEFAULT_APP_ID") ?? ids[0] ?? "";
  if (ids.length > 0 && !ids.includes(id)) {
    settings.problem(
      "DEFAULT_APP_ID",
      `${shown(id)} is not in APP_SECRETS.`,
      "Give one of the ids that are there, or remove the variable.",
    );
  }
  return id;
}

/** The identity service. */
export function parseMicrosoft(settings: SettingsReader): MicrosoftConfig {
  const tenant = settings.textOrDefault("MICROSOFT_TENANT").toLowerCase();
  if (!isTenant(tenant)) {
    settings.problem(
      "MICROSOFT_TENANT",
      `${shown(tenant)} is not a tenant.`,
      `Use one of ${TENANT_KEYWORDS.join(", ")}, a tenant id, or a domain such as example.com.`,
    );
  }
  const authority = settings.textOrDefault("MICROSOFT_AUTHORITY");
  return {
    tenant,
    authority: parseBaseUrl(settings, "MICROSOFT_AUTHORITY", authority, { secure: true }),
  };
}

function isTenant(text: string): boolean {
  return TENANT_KEYWORDS.includes(text) || GUID.test(text) || text.includes(".") && isHost(text);
}

/** The submission server. */
export function parseTarget(settings: SettingsReader): TargetConfig {
  const host = settings.text("SMTP_TARGET_HOST");
  if (host !== undefined) checkHost(settings, "SMTP_TARGET_HOST", host);
  const port = settings.integer("SMTP_TARGET_PORT");
  const implicit = settings.flag("SMTP_TARGET_TLS", port === IMPLICIT_TLS_PORT);
  return { host, port, tls: implicit ? "implicit" : "starttls" };
}

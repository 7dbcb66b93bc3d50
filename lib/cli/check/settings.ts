/**
 * The settings, and the account filters among them.
 *
 * @module
 */
import { type Config, ConfigError, SETTINGS } from "../../config/mod.ts";
import { filterWarnings } from "../../sign_in/mod.ts";
import { type Check, type CheckResult, failure, type Finding, ok, warning } from "./finding.ts";

/** Returns the findings for the settings; each one that is wrong is a failure. */
export function settingsResult(config: () => Config): CheckResult {
  return { name: "settings", findings: findings(config) };
}

function findings(config: () => Config): readonly Finding[] {
  try {
    const valid = config();
    return [
      ok(`all ${SETTINGS.length} settings are valid`),
      ok(`redirect URI to register with Microsoft: ${redirectUri(valid)}`),
      ...valid.warnings.map(({ message, remedy }) => warning(message, remedy)),
    ];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ variable, message, remedy }) =>
      failure(`${variable} ${message.replace(/\.$/, "")}`, remedy)
    );
  }
}

/** Returns the redirect URI. Without `PUBLIC_URL` it depends on the address that a browser uses. */
function redirectUri({ publicUrl, http }: Config): string {
  if (publicUrl !== undefined) return `${publicUrl}/auth`;
  const local = `http://localhost:${http.ports[0]}/auth`;
  return http.certificate
    ? "the address of the web pages with /auth at its end; PUBLIC_URL fixes it"
    : `${local}, or the https address of the proxy in front with /auth at its end`;
}

const FILTER_REMEDY =
  "Correct the entry, or remove it. The log of a refused sign-in names the right one.";

/** Returns the check of the account filters. */
export function filterChecks(config: Config): readonly Check[] {
  if (config.registrationRules.length === 0) return [];
  return [{ name: "account filters", run: () => Promise.try(() => filterFindings(config)) }];
}

function filterFindings({ registrationRules, registrations }: Config): readonly Finding[] {
  const [first = [], ...others] = registrations.map(({ tenant }) =>
    filterWarnings(registrationRules, tenant)
  );
  // An entry is all right if it can match an account of one of the app registrations.
  const doubts = first.filter(({ variable, entry }) =>
    others.every((more) => more.some((one) => one.variable === variable && one.entry === entry))
  );
  return doubts.length === 0
    ? [ok("every entry can match an account that may sign in")]
    : doubts.map(({ variable, entry, reason }) =>
      warning(`${variable}: ${entry} ${reason}`, FILTER_REMEDY)
    );
}

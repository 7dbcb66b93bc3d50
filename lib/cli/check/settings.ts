import { type Config, ConfigError, SETTINGS } from "../../config/mod.ts";
import { type CheckResult, failure, type Finding, ok, warning } from "./finding.ts";

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

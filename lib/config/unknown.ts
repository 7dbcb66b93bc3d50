import type { Environment, SettingsReader } from "./reader.ts";
import { SETTINGS } from "./settings.ts";
import { nearest } from "./spelling.ts";

/** Variables that begin like this are ours: one that we do not know is a mistake. */
const OWN_PREFIX = /^(SMTP|UPSTREAM|MICROSOFT|HTTP|HTTPS|ALLOWED|DISALLOWED|LOG|METRICS|ACTIVITY)_/;

/** Variables of others that begin so too: the runtime's proxies, and what Kubernetes sets for a service of that name. */
const FOREIGN = /^HTTPS?_PROXY$|_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP)(_|$)/;

/** Reports variables that look like settings and are none. */
export function checkUnknown(settings: SettingsReader, env: Environment): void {
  const names = SETTINGS.map(({ name }) => name);
  const unknown = Object.keys(env).filter((name) =>
    env[name] !== undefined && OWN_PREFIX.test(name) && !FOREIGN.test(name) && !names.includes(name)
  );
  for (const name of unknown) {
    const similar = nearest(name, names);
    settings.problem(
      name,
      "is not a setting.",
      similar ? `Did you mean ${similar}?` : "Remove it; .env.example lists all settings.",
    );
  }
}

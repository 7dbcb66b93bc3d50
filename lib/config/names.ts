/**
 * Names in the environment that are not settings. Misspelt ones cause errors, those of former settings warnings.
 *
 * @module
 */
import type { Environment, Problem } from "./reader.ts";
import { SETTINGS } from "./settings/table.ts";

const FIXED = "Its value is fixed now. Remove it.";

/** Former settings, each with what to do about it. */
const FORMER_SETTINGS: Readonly<Record<string, string>> = {
  SMTP_LOGIN_TIMEOUT_S: FIXED,
  SMTP_DATA_TIMEOUT_S: FIXED,
  SMTP_MIN_DATA_RATE: FIXED,
  SMTP_MAX_COMMAND_LINE: FIXED,
  SMTP_MAX_ERRORS: FIXED,
  SMTP_MAX_LOGIN_FAILURES: FIXED,
  SMTP_MAX_IDLE_COMMANDS: FIXED,
  UPSTREAM_QUEUE_TIMEOUT_S: FIXED,
  UPSTREAM_IDLE_TIMEOUT_S: FIXED,
  UPSTREAM_MAX_AGE_S: FIXED,
  SMTP_WORKERS: "One thread serves all mail clients, faster than several did. Remove it.",
  UPSTREAM_MESSAGES_PER_MINUTE: "Only Microsoft's own limit applies. Remove it.",
  SMTP_PUBLIC_PORT:
    "Set SMTP_PUBLIC_TLS_PORT or SMTP_PUBLIC_STARTTLS_PORT instead, depending on the port's encryption.",
};

/** All variables that the program may read: former settings too, to say what became of them. */
export const VARIABLES: readonly string[] = [
  ...SETTINGS.map(({ name }) => name),
  ...Object.keys(FORMER_SETTINGS),
];

/** Returns a warning for each former setting that is still set. */
export function formerSettings(env: Environment): Problem[] {
  return Object.entries(FORMER_SETTINGS)
    .filter(([variable]) => env[variable] !== undefined)
    .map(([variable, remedy]) => ({
      variable,
      message: `${variable} is no longer a setting.`,
      remedy,
    }));
}

/** Prefixes of settings: an unknown variable with one of these is a mistake. */
const OWN_PREFIX =
  /^(APP_(SECRET|CERT|KEY_FILE|TOKEN_FILE|PUBLIC)|(ACME|SMTP|UPSTREAM|MICROSOFT|HTTP|HTTPS|ALLOWED|DISALLOWED|LOG|METRICS|ACTIVITY|DATABASE)_)/;

/** Variables of other programs with such a prefix: the proxies of the runtime, and those that Kubernetes sets for services. */
const FOREIGN = /^HTTPS?_PROXY$|_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP)(_|$)/;

/** Returns an error for each variable that looks like a setting but is not one. */
export function unknownSettings(env: Environment): Problem[] {
  const unknown = Object.keys(env).filter((name) =>
    env[name] !== undefined && OWN_PREFIX.test(name) && !FOREIGN.test(name) &&
    !VARIABLES.includes(name)
  );
  return unknown.map((variable) => {
    const similar = nearest(variable, SETTINGS.map(({ name }) => name));
    return {
      variable,
      message: "is not a setting.",
      remedy: similar ? `Did you mean ${similar}?` : "Remove it; .env.example lists all settings.",
    };
  });
}

/** The largest edit distance at which a name without such a prefix counts as a misspelt setting. */
const CERTAIN_DISTANCE = 2;
/** Shorter names are similar to too many others. */
const MIN_LENGTH = 6;

/** Returns a warning for each variable with nearly the name of a setting. It can belong to another program. */
export function misspeltSettings(env: Environment): Problem[] {
  return Object.keys(env).flatMap((name) => {
    if (env[name] === undefined || OWN_PREFIX.test(name) || VARIABLES.includes(name)) return [];
    const meant = name.length >= MIN_LENGTH && nearest(name.toUpperCase(), VARIABLES);
    if (!meant || editDistance(name.toUpperCase(), meant) > CERTAIN_DISTANCE) return [];
    return [{
      variable: name,
      message: `${name} is not a setting.`,
      remedy: `Did you mean ${meant}? If the variable belongs to another program, rename it.`,
    }];
  });
}

/** The largest edit distance between a misspelt name and the one that was meant. */
const MAX_DISTANCE = 3;

/** Returns the candidate that was probably meant, if one is similar enough. At most half of a short word may be wrong. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const maxDistance = Math.min(MAX_DISTANCE, Math.floor(word.length / 2));
  const [best] = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ distance }) => distance <= maxDistance)
    .sort((a, b) => a.distance - b.distance);
  return best?.candidate;
}

/** Returns the Levenshtein distance: insertions, deletions and substitutions that turn one word into the other. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const substitution = from[row - 1] === to[column - 1] ? 0 : 1;
      current.push(Math.min(
        previous[column]! + 1,
        current[column - 1]! + 1,
        previous[column - 1]! + substitution,
      ));
    }
    previous = current;
  }
  return previous[to.length]!;
}

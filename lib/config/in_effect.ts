/**
 * The settings in effect, by their names, for display.
 *
 * @module
 */
import type { Environment } from "./reader.ts";
import { type Setting, SETTINGS } from "./settings/table.ts";

/** A setting in effect. */
export interface SettingInEffect extends Pick<Setting, "name" | "group" | "meaning"> {
  /** As it was set, or its default; secrets are hidden. Absent: it is not set and has no default. */
  readonly value?: string;
  /** The default, as a value or in words. */
  readonly default: string;
  /** Where it was set, such as `.env`. Absent: it was not. */
  readonly source?: string;
  readonly isChanged: boolean;
}

/** The names of settings that are secret or can contain a password. */
const SECRET = /SECRET|PASSWORD|TOKEN|WEBHOOK|^DATABASE_.*URL$|_KEY$|_HMAC/;
/** The password in a URL (RFC 3986 section 3.2.1). */
const URL_PASSWORD = /(:\/\/[^/@:]*:)[^/@]*(?=@)/g;

const HIDDEN = "(secret)";

/**
 * Returns all settings, in the order of their table.
 *
 * @param sourceOf Returns where a variable was set.
 */
export function settingsInEffect(
  env: Environment,
  sourceOf: (name: string) => string,
): readonly SettingInEffect[] {
  return SETTINGS.map(({ name, group, meaning, default: fallback, otherwise = "none" }) => {
    const given = env[name];
    const isChanged = given !== undefined && given.trim() !== fallback;
    return {
      ...{ name, group, meaning, isChanged },
      default: fallback ?? otherwise,
      value: given === undefined ? fallback : shownValue(name, given),
      source: given === undefined ? undefined : sourceOf(name),
    };
  });
}

function shownValue(name: string, value: string): string {
  if (value.trim() === "") return "";
  return SECRET.test(name) ? HIDDEN : value.replace(URL_PASSWORD, "$1…");
}

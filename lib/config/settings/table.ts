/**
 * All settings as data. The parser takes defaults, ranges and choices from here; the permissions and the documentation are
 * made from it.
 *
 * @module
 */
import { CERTIFICATE_SETTINGS } from "./certificates.ts";
import { FILTER_SETTINGS } from "./filters.ts";
import { LIMIT_SETTINGS } from "./limits.ts";
import { MICROSOFT_SETTINGS } from "./microsoft.ts";
import { OPERATION_SETTINGS } from "./operation.ts";
import type { Range, SettingGroup, SettingRow } from "./setting.ts";
import { SMTP_SETTINGS } from "./smtp.ts";
import { WEB_SETTINGS } from "./web.ts";

const ROWS = {
  ...MICROSOFT_SETTINGS,
  ...SMTP_SETTINGS,
  ...WEB_SETTINGS,
  ...CERTIFICATE_SETTINGS,
  ...FILTER_SETTINGS,
  ...LIMIT_SETTINGS,
  ...OPERATION_SETTINGS,
};

const GROUPS: Readonly<Record<string, SettingGroup>> = {
  "Microsoft": MICROSOFT_SETTINGS,
  "SMTP server": SMTP_SETTINGS,
  "Web": WEB_SETTINGS,
  "Automatic certificates": CERTIFICATE_SETTINGS,
  "Who may register": FILTER_SETTINGS,
  "Limits": LIMIT_SETTINGS,
  "Operation": OPERATION_SETTINGS,
};

type Rows = typeof ROWS;

/** The name of a setting. Nothing else is ever read from the environment. */
export type SettingName = keyof Rows;

type NamesWith<Property> = {
  [Name in SettingName]: Rows[Name] extends Property ? Name : never;
}[SettingName];

/** A setting with a fixed default. */
export type DefaultName = NamesWith<{ default: string }>;

/** A setting whose value is a whole number. */
export type IntegerName = NamesWith<{ range: Range }>;

/** A setting that allows only certain words. */
export type ChoiceName = NamesWith<{ choices: readonly string[] }>;

/** The words that a setting allows. */
export type ChoiceOf<Name extends ChoiceName> = Rows[Name]["choices"][number];

/** A setting with its name and the heading under which it is documented. */
export interface Setting extends SettingRow {
  readonly name: string;
  readonly group: string;
}

/** All settings, in the order in which they are documented. */
export const SETTINGS: readonly Setting[] = Object.entries(GROUPS).flatMap(([group, rows]) =>
  Object.entries(rows).map(([name, row]) => ({ name, group, ...row }))
);

/** Returns a setting by its name. */
export function settingOf(name: SettingName): SettingRow {
  return ROWS[name];
}

/** Returns a range in words. */
export function rangeText({ min, max, unit }: Range): string {
  return `${min} to ${max}${unit ? ` (${unit})` : ""}`;
}

/**
 * All settings as data: the parser takes defaults, ranges and choices from here, and the documentation is made of it.
 *
 * @module
 */
import { FILTER_SETTINGS } from "./settings/filters.ts";
import { LIMIT_SETTINGS } from "./settings/limits.ts";
import { MICROSOFT_SETTINGS } from "./settings/microsoft.ts";
import { OPERATION_SETTINGS } from "./settings/operation.ts";
import type { Range, Setting } from "./settings/setting.ts";
import { SMTP_SETTINGS } from "./settings/smtp.ts";
import { WEB_SETTINGS } from "./settings/web.ts";

export type { Range, Setting };

const ALL = [
  ...MICROSOFT_SETTINGS,
  ...SMTP_SETTINGS,
  ...WEB_SETTINGS,
  ...FILTER_SETTINGS,
  ...LIMIT_SETTINGS,
  ...OPERATION_SETTINGS,
] as const;

type AnySetting = typeof ALL[number];

/** The name of a setting: nothing else is ever read from the environment. */
export type SettingName = AnySetting["name"];

/** A setting with a fixed default. */
export type DefaultName = Extract<AnySetting, { default: string }>["name"];

/** A setting whose value is a whole number. */
export type IntegerName = Extract<AnySetting, { range: Range }>["name"];

/** A setting that allows certain words only. */
export type ChoiceName = Extract<AnySetting, { choices: readonly string[] }>["name"];

/** The words that a setting allows. */
export type ChoiceOf<Name extends ChoiceName> = Extract<
  AnySetting,
  { name: Name; choices: readonly string[] }
>["choices"][number];

/** All settings, in the order in which they are documented. */
export const SETTINGS: readonly Setting[] = ALL;

const BY_NAME: ReadonlyMap<string, Setting> = new Map(SETTINGS.map((item) => [item.name, item]));

/** The numbers of a range in words. */
export function rangeText({ min, max, unit }: Range): string {
  return `${min} to ${max}${unit ? ` (${unit})` : ""}`;
}

/** The setting of that name. */
export function settingOf(name: SettingName): Setting {
  return BY_NAME.get(name)!;
}

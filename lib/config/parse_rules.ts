import { isEmail } from "./network.ts";
import { commaSeparated, type SettingsReader, shown } from "./reader.ts";
import {
  type RegistrationRule,
  type RuleBase,
  type RuleDefinition,
  ruleFileEntries,
  ruleList,
  ruleRegex,
  RULES,
} from "./rules.ts";
import { nearest } from "./spelling.ts";

/** The rules that are set, in the order in which they apply. */
export function parseRules(settings: SettingsReader): RegistrationRule[] {
  return rulesOrder(settings).flatMap((definition) => {
    const value = settings.raw(definition.variable);
    const rule = value === undefined ? undefined : parseRule(settings, definition, value);
    return rule ? [rule] : [];
  });
}

/** The definitions that `RULES_ORDER` names; without it, all. */
function rulesOrder(settings: SettingsReader): readonly RuleDefinition[] {
  const names = settings.list("RULES_ORDER");
  if (names.length === 0) return RULES;
  return names.flatMap((name) => {
    const rule = RULES.find(({ variable }) => variable === name);
    if (rule) return [rule];
    const similar = nearest(name, RULES.map(({ variable }) => variable));
    settings.problem(
      "RULES_ORDER",
      `${shown(name)} is not the name of an account filter.`,
      similar ? `Did you mean ${similar}?` : `The names are like ${RULES[0]!.variable}.`,
    );
    return [];
  });
}

function parseRule(
  settings: SettingsReader,
  { form, ...base }: RuleDefinition,
  value: string,
): RegistrationRule | undefined {
  switch (form) {
    case "list": {
      const list = ruleList(commaSeparated(value));
      checkList(settings, base, list);
      return { ...base, form, list };
    }
    case "regex": {
      const regex = checkRegex(settings, base, value);
      return regex && { ...base, form, regex };
    }
    case "list-file":
    case "regex-file": {
      const entries = ruleFileEntries(settings.file(base.variable) ?? "");
      if (form === "list-file") checkList(settings, base, ruleList(entries));
      else entries.forEach((entry) => checkRegex(settings, base, entry));
      return { ...base, form, file: value };
    }
  }
}

/** What an entry of a list looks like, by subject. */
const ENTRY_FORMS = {
  email: { isValid: isEmail, remedy: "Give addresses such as name@example.com." },
  domain: { isValid: isDomain, remedy: "Give domains such as example.com, without @." },
} as const;

function checkList(settings: SettingsReader, rule: RuleBase, list: readonly string[]): void {
  const { isValid, remedy } = ENTRY_FORMS[rule.subject];
  for (const entry of list) {
    if (!isValid(entry)) {
      settings.problem(rule.variable, `${shown(entry)} is not allowed.`, remedy);
    }
  }
}

function checkRegex(settings: SettingsReader, rule: RuleBase, source: string): RegExp | undefined {
  try {
    return ruleRegex(source);
  } catch (error) {
    settings.problem(
      rule.variable,
      `${shown(source)} is not a regular expression: ${reasonOf(error)}.`,
      "Write it without slashes, and put a backslash before special characters: example\\.com",
    );
  }
}

function isDomain(text: string): boolean {
  return /^[^\s@]+$/.test(text);
}

/** The engine's message without the pattern, which the caller shows anyway. */
function reasonOf(error: unknown): string {
  return (error as SyntaxError).message.split(": ").at(-1)!;
}

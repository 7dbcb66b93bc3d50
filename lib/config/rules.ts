/**
 * Account filters, which say who may register. `lib/sign_in` applies them.
 *
 * @module
 */
import { EMAIL } from "./network.ts";
import { commaSeparated, type Format, type SettingsReader, shown } from "./reader.ts";
import { nearest } from "./names.ts";
import { type RuleDefinition, RULES } from "./settings/filters.ts";

type RuleBase = Omit<RuleDefinition, "form">;

/** An account filter that is set; the first that matches decides. Files are read again on demand. */
export type RegistrationRule =
  | RuleBase & { readonly form: "list"; readonly list: readonly string[] }
  | RuleBase & { readonly form: "list-file"; readonly file: string }
  | RuleBase & { readonly form: "regex"; readonly regex: RegExp }
  | RuleBase & { readonly form: "regex-file"; readonly file: string };

/** Returns the entries of a filter's file: one per line, without blank lines. */
export function ruleFileEntries(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
}

/** Returns entries in the form in which they are compared: in lower case. */
export function ruleList(entries: readonly string[]): string[] {
  return entries.map((entry) => entry.toLowerCase());
}

/**
 * Compiles the pattern of a filter. It has to match the whole text, and ignores case.
 *
 * @throws {SyntaxError} if it is no regular expression.
 */
export function ruleRegex(source: string): RegExp {
  // Compiled alone first, so that a stray parenthesis cannot match one of those around it.
  const { source: pattern } = new RegExp(source);
  return new RegExp(`^(?:${pattern})$`, "i");
}

/** Parses the filters that are set, in the order in which they apply. */
export function parseRules(settings: SettingsReader): RegistrationRule[] {
  return rulesOrder(settings).flatMap((definition) => {
    const value = settings.raw(definition.variable);
    return value === undefined ? [] : parseRule(settings, definition, value) ?? [];
  });
}

/** Returns the definitions that `RULES_ORDER` names, or all of them without it. */
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
      similar ? `Did you mean ${similar}?` : `The names look like ${RULES[0]!.variable}.`,
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
      settings.check(base.variable, ENTRIES[base.subject], ...list);
      return { ...base, form, list };
    }
    case "regex": {
      const regex = parseRegex(settings, base, value);
      return regex && { ...base, form, regex };
    }
    case "list-file":
    case "regex-file": {
      const entries = ruleFileEntries(settings.file(base.variable) ?? "");
      if (form === "list-file") settings.check(base.variable, ENTRIES[base.subject], ...entries);
      else entries.forEach((entry) => parseRegex(settings, base, entry));
      return { ...base, form, file: value };
    }
  }
}

/** The formats of entries in lists, by subject. */
const ENTRIES: Readonly<Record<RuleDefinition["subject"], Format>> = {
  email: {
    ...EMAIL,
    remedy:
      "Give addresses such as name@example.com; domains have lists of their own, such as ALLOWED_DOMAINS_LIST.",
  },
  domain: {
    isValid: (text) => /^[^\s@]+$/.test(text),
    fault: "is not a domain",
    remedy: "Give domains such as example.com, without @.",
  },
};

function parseRegex(settings: SettingsReader, rule: RuleBase, source: string): RegExp | undefined {
  try {
    return ruleRegex(source);
  } catch (error) {
    // The reason from the engine's message, without the pattern, which is shown anyway.
    const reason = (error as SyntaxError).message.split(": ").at(-1);
    settings.problem(
      rule.variable,
      `${shown(source)} is not a regular expression: ${reason}.`,
      "Write it without slashes, and put a backslash before special characters: example\\.com",
    );
  }
}

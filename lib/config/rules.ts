/**
 * Who may register: the account filters as data. Deciding is the business of others.
 *
 * @module
 */
/** What all rules have. */
export interface RuleBase {
  /** The variable that gave the rule, for messages. */
  readonly variable: RuleName;
  /** What a match decides. */
  readonly kind: "allow" | "disallow";
  /** What is compared, without regard to case: the whole address, or the part after the `@`. */
  readonly subject: "email" | "domain";
}

/** One account filter; the first that matches decides. The files are read again on demand. */
export type RegistrationRule =
  | RuleBase & { readonly form: "list"; readonly list: readonly string[] }
  | RuleBase & { readonly form: "list-file"; readonly file: string }
  | RuleBase & { readonly form: "regex"; readonly regex: RegExp }
  | RuleBase & { readonly form: "regex-file"; readonly file: string };

const KINDS = { DISALLOWED: "disallow", ALLOWED: "allow" } as const;
const SUBJECTS = { EMAILS: "email", DOMAINS: "domain" } as const;
const FORMS = {
  LIST: "list",
  LIST_FILE: "list-file",
  REGEX: "regex",
  REGEX_FILE: "regex-file",
} as const;

/** The variable of a rule. */
export type RuleName = `${keyof typeof KINDS}_${keyof typeof SUBJECTS}_${keyof typeof FORMS}`;

/** A rule that a variable may set. */
export interface RuleDefinition extends RuleBase {
  readonly form: RegistrationRule["form"];
}

/** All rules in their default order. */
export const RULES: readonly RuleDefinition[] = Object.entries(KINDS).flatMap(([kindName, kind]) =>
  Object.entries(SUBJECTS).flatMap(([subjectName, subject]) =>
    Object.entries(FORMS).map(([formName, form]) => ({
      variable: `${kindName}_${subjectName}_${formName}` as RuleName,
      kind,
      subject,
      form,
    }))
  )
);

/** The entries of a rule's file: one a line, blank lines skipped. */
export function ruleFileEntries(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== "");
}

/** Entries as they are compared: in lower case. */
export function ruleList(entries: readonly string[]): string[] {
  return entries.map((entry) => entry.toLowerCase());
}

/**
 * The pattern of a rule: it has to match the whole of its subject, in any case.
 *
 * @throws {SyntaxError} when it is no regular expression.
 */
export function ruleRegex(source: string): RegExp {
  // Compiled alone first, so that a stray parenthesis cannot reach over the ones around it.
  const { source: pattern } = new RegExp(source);
  return new RegExp(`^(?:${pattern})$`, "i");
}

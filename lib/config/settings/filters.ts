import type { SettingGroup, SettingRow } from "./setting.ts";

const KINDS = { DISALLOWED: "disallow", ALLOWED: "allow" } as const;
const SUBJECTS = { EMAILS: "email", DOMAINS: "domain" } as const;
const FORMS = {
  LIST: "list",
  LIST_FILE: "list-file",
  REGEX: "regex",
  REGEX_FILE: "regex-file",
} as const;

type Kind = typeof KINDS[keyof typeof KINDS];
type Subject = typeof SUBJECTS[keyof typeof SUBJECTS];
type Form = typeof FORMS[keyof typeof FORMS];

/** The variable of an account filter. */
type RuleName = `${keyof typeof KINDS}_${keyof typeof SUBJECTS}_${keyof typeof FORMS}`;

/** An account filter that a variable may set. */
export interface RuleDefinition {
  readonly variable: RuleName;
  /** The verdict of a match. */
  readonly kind: Kind;
  /** The part that is compared, ignoring case: the whole address, or the part after the `@`. */
  readonly subject: Subject;
  readonly form: Form;
}

/** All account filters in their default order. */
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

const SUBJECT_NAMES: Readonly<Record<Subject, string>> = {
  email: "e-mail addresses",
  domain: "domains",
};
const VERDICTS: Readonly<Record<Kind, string>> = { allow: "accepted", disallow: "rejected" };

const MEANINGS: Readonly<Record<Form, (subjects: string, verdict: string) => string>> = {
  "list": (subjects, verdict) => `List of ${subjects} that are ${verdict}, separated by commas.`,
  "list-file": (subjects, verdict) =>
    `File with ${subjects} that are ${verdict}, one per line. It is read again on SIGHUP.`,
  "regex": (subjects, verdict) =>
    `Regular expression (JavaScript) for ${subjects} that are ${verdict}. It has to match the whole text; case is ignored.`,
  "regex-file": (subjects, verdict) =>
    `File with regular expressions for ${subjects} that are ${verdict}, one per line. It is read again on SIGHUP.`,
};

const EXAMPLES: Readonly<Record<Subject, Readonly<Record<Form, string>>>> = {
  email: {
    "list": "name@example.com,other@example.com",
    "list-file": "data/emails.txt",
    "regex": ".+@example\\.(com|net)",
    "regex-file": "data/email_patterns.txt",
  },
  domain: {
    "list": "example.com,example.net",
    "list-file": "data/domains.txt",
    "regex": "example\\.(com|net)",
    "regex-file": "data/domain_patterns.txt",
  },
};

function rowOf({ kind, subject, form }: RuleDefinition): SettingRow {
  return {
    meaning: MEANINGS[form](SUBJECT_NAMES[subject], VERDICTS[kind]),
    otherwise: "none",
    example: EXAMPLES[subject][form],
  };
}

/** Account filters: who may register. */
export const FILTER_SETTINGS = {
  ...Object.fromEntries(RULES.map((rule) => [rule.variable, rowOf(rule)])) as Record<
    RuleName,
    SettingRow
  >,
  RULES_ORDER: {
    meaning:
      "Names of the filters to use, separated by commas, in the order in which they apply. The first match decides. " +
      "Without a match, an address is rejected if any ALLOWED_ filter is in use, and accepted otherwise.",
    otherwise: "all, in the order above",
    example: "ALLOWED_EMAILS_LIST,DISALLOWED_DOMAINS_LIST",
  },
} as const satisfies SettingGroup;

import { type RuleName, RULES } from "../rules.ts";
import type { Setting } from "./setting.ts";

const group = "Who may register";

const SUBJECTS = { email: "e-mail addresses", domain: "domains" } as const;
const VERDICTS = { allow: "accepted", disallow: "refused" } as const;

/** What the value of a rule is, by form, given which addresses or domains it is about. */
const FORMS = {
  "list": (those: string) => `The ${those}, separated by commas.`,
  "list-file": (those: string) => `File with the ${those}, one a line. It is read again on SIGHUP.`,
  "regex": (those: string) =>
    `Regular expression (JavaScript) for the ${those}. It has to match the whole and ignores case.`,
  "regex-file": (those: string) =>
    `File with regular expressions for the ${those}, one a line. It is read again on SIGHUP.`,
} as const;

const EXAMPLES = {
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
} as const;

/** The account filters. */
export const FILTER_SETTINGS = [
  ...RULES.map(({ variable, kind, subject, form }) => ({
    name: variable as RuleName,
    group,
    meaning: FORMS[form](`${SUBJECTS[subject]} that are ${VERDICTS[kind]}`),
    otherwise: "none",
    example: EXAMPLES[subject][form],
  })),
  {
    name: "RULES_ORDER",
    group,
    meaning:
      "The names of the filters that are used, separated by commas, in the order in which they apply. The first " +
      "that matches decides; when none does, an address is refused if any ALLOWED_ filter is in use, and accepted " +
      "otherwise.",
    otherwise: "all, in the order given above",
    example: "ALLOWED_EMAILS_LIST,DISALLOWED_DOMAINS_LIST",
  },
] as const satisfies readonly Setting[];

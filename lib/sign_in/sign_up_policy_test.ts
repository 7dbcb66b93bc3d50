import assert from "node:assert/strict";
import { type RegistrationRule, ruleRegex } from "../config/mod.ts";
import { RULES } from "../config/settings/filters.ts";
import {
  type Applicant,
  isAdmin,
  RuleFileError,
  SignUpPolicy,
  type SignUpRefusal,
} from "./sign_up_policy.ts";

const PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad";
const WORK_TENANT = "22222222-2222-4222-8222-222222222222";
const OBJECT = "33333333-3333-4333-8333-333333333333";

/** A rule by the variable that sets it. */
function rule(variable: string, value: string): RegistrationRule {
  const { form, ...base } = RULES.find((definition) => definition.variable === variable)!;
  switch (form) {
    case "list":
      return { ...base, form, list: value.split(",") };
    case "regex":
      return { ...base, form, regex: ruleRegex(value) };
    default:
      return { ...base, form, file: value };
  }
}

function personal(email: string): Applicant {
  return { tenantId: PERSONAL_TENANT, objectId: OBJECT, email, emailVerified: true };
}

function work(email: string, emailVerified: boolean): Applicant {
  return { tenantId: WORK_TENANT, objectId: OBJECT, email, emailVerified };
}

const FILES: Record<string, string> = {
  "emails.txt": "Anna@Example.com\r\n\r\n  bob@example.com\n",
  "regexes.txt": "a.*@example\\.com\nb+@example\\.org\n",
};

function policy(...rules: (readonly [string, string])[]): SignUpPolicy {
  return new SignUpPolicy(rules.map(([name, value]) => rule(name, value)), (path) => FILES[path]!);
}

function isAllowed(filters: SignUpPolicy, applicant: Applicant): boolean {
  return filters.refusal(applicant) === undefined;
}

interface Case {
  readonly name: string;
  readonly rules: (readonly [string, string])[];
  readonly allowed: readonly Applicant[];
  readonly refused: readonly Applicant[];
}

const CASES: readonly Case[] = [
  {
    name: "no rules let everybody in",
    rules: [],
    allowed: [personal("a@b.c"), work("a@b.c", false)],
    refused: [],
  },
  {
    name: "an allowed list lets in nobody else, in any case",
    rules: [["ALLOWED_EMAILS_LIST", "Anna@example.com,bob@example.com"]],
    allowed: [personal("anna@EXAMPLE.com"), personal("bob@example.com")],
    refused: [personal("anna@example.org"), personal("xanna@example.com")],
  },
  {
    name: "an allowed domain is the whole part after the @",
    rules: [["ALLOWED_DOMAINS_LIST", "example.com"]],
    allowed: [personal("x@Example.com")],
    refused: [
      personal("x@sub.example.com"),
      personal("x@badexample.com"),
      personal("example.com@x.y"),
    ],
  },
  {
    name: "a disallowed list lets in everybody else",
    rules: [["DISALLOWED_EMAILS_LIST", "eve@example.com"]],
    allowed: [personal("anna@example.com")],
    refused: [personal("EVE@example.com")],
  },
  {
    name: "the first match decides: disallowed before allowed",
    rules: [["DISALLOWED_EMAILS_LIST", "eve@example.com"], ["ALLOWED_DOMAINS_LIST", "example.com"]],
    allowed: [personal("anna@example.com")],
    refused: [personal("eve@example.com"), personal("x@example.org")],
  },
  {
    name: "another order: allowed before disallowed",
    rules: [["ALLOWED_EMAILS_LIST", "anna@example.com"], [
      "DISALLOWED_DOMAINS_LIST",
      "example.com",
    ]],
    allowed: [personal("anna@example.com")],
    refused: [personal("bob@example.com"), personal("x@example.org")],
  },
  {
    name: "a list file has one entry a line",
    rules: [["ALLOWED_EMAILS_LIST_FILE", "emails.txt"]],
    allowed: [personal("anna@example.com"), personal("bob@example.com")],
    refused: [personal("")],
  },
  {
    name: "a regular expression matches the whole, in any case",
    rules: [["ALLOWED_EMAILS_REGEX", "a.*@example\\.com"]],
    allowed: [personal("ANNA@example.com")],
    refused: [
      personal("bob@example.com"),
      personal("anna@example.com.org"),
      personal("ba@example.com"),
    ],
  },
  {
    name: "a file of regular expressions has one a line",
    rules: [["DISALLOWED_EMAILS_REGEX_FILE", "regexes.txt"]],
    allowed: [personal("c@example.com")],
    refused: [personal("anna@example.com"), personal("bbb@example.org")],
  },
  {
    name: "W3: an e-mail claim that is not verified gets a work account in by no rule",
    rules: [["ALLOWED_DOMAINS_LIST", "example.com"]],
    allowed: [work("anna@example.com", true)],
    refused: [work("anna@example.com", false)],
  },
  {
    name: "W3: a work account may be named by its tenant, or by object and tenant",
    rules: [["ALLOWED_DOMAINS_LIST", WORK_TENANT.toUpperCase()]],
    allowed: [work("anna@example.com", true), work("anna@example.com", false)],
    refused: [personal("anna@example.com")],
  },
  {
    name: "W3: an object and its tenant are matched like an address",
    rules: [["ALLOWED_EMAILS_LIST", `${OBJECT}@${WORK_TENANT}`]],
    allowed: [work("x@y.z", false)],
    refused: [{ ...work("x@y.z", false), objectId: WORK_TENANT }],
  },
  {
    name: "W3: what is disallowed is refused even if it is only claimed",
    rules: [["DISALLOWED_DOMAINS_LIST", "example.com"]],
    allowed: [work("anna@example.org", false)],
    refused: [work("anna@example.com", false), work("anna@example.com", true)],
  },
];

for (const { name, rules, allowed, refused } of CASES) {
  Deno.test(`refusal(): ${name}`, () => {
    const filters = policy(...rules);
    for (const someone of allowed) assert.equal(isAllowed(filters, someone), true, someone.email);
    for (const someone of refused) assert.equal(isAllowed(filters, someone), false, someone.email);
  });
}

Deno.test("reload() reads the files again; a file that is broken changes nothing", () => {
  const files: Record<string, string> = { "f.txt": "anna@.*" };
  const filters = new SignUpPolicy([rule("ALLOWED_EMAILS_REGEX_FILE", "f.txt")], (path) => {
    const text = files[path];
    if (text === undefined) throw new Deno.errors.NotFound();
    return text;
  });
  files["f.txt"] = "bob@.*";
  assert.equal(isAllowed(filters, personal("anna@example.com")), true);
  filters.reload();
  assert.equal(isAllowed(filters, personal("anna@example.com")), false);
  files["f.txt"] = "bob@(";
  assert.throws(() => filters.reload(), RuleFileError);
  delete files["f.txt"];
  assert.throws(() => filters.reload(), /ALLOWED_EMAILS_REGEX_FILE.*f\.txt/);
  assert.equal(isAllowed(filters, personal("bob@example.com")), true);
});

Deno.test("W3: isAdmin() counts only addresses that are proven", () => {
  const admins = ["anna@example.com"];
  assert.equal(isAdmin(personal("Anna@example.com"), admins), true);
  assert.equal(isAdmin(work("anna@example.com", true), admins), true);
  assert.equal(isAdmin(work("anna@example.com", false), admins), false);
  assert.equal(isAdmin(work("x@y.z", false), [`${OBJECT}@${WORK_TENANT}`]), true);
});

Deno.test("refusal() names the setting and the entry that would let a person in", () => {
  const entry = `${OBJECT}@${WORK_TENANT}`;
  const unproven = work("anna@example.com", false);
  const domains = ["ALLOWED_DOMAINS_LIST", "example.com"] as const;
  const file = ["ALLOWED_EMAILS_LIST_FILE", "emails.txt"] as const;
  const excluding = ["DISALLOWED_DOMAINS_LIST", "example.com"] as const;
  const cases: [SignUpPolicy, Applicant, SignUpRefusal][] = [
    [policy(domains), unproven, { rule: undefined, setting: "ALLOWED_EMAILS_LIST", entry }],
    [policy(domains, file), unproven, {
      rule: undefined,
      setting: "ALLOWED_EMAILS_LIST_FILE",
      entry,
    }],
    [policy(domains), personal("Eve@x.example"), {
      rule: undefined,
      setting: "ALLOWED_EMAILS_LIST",
      entry: "eve@x.example",
    }],
    [policy(excluding), unproven, {
      rule: "DISALLOWED_DOMAINS_LIST",
      setting: "DISALLOWED_DOMAINS_LIST",
      entry,
    }],
  ];
  for (const [filters, applicant, expected] of cases) {
    assert.deepEqual(filters.refusal(applicant), expected);
  }
});

/**
 * The sign-up policy: the operator's account filters (`ALLOWED_*`, `DISALLOWED_*`, `RULES_ORDER`) at work.
 *
 * @module
 */
import { type RegistrationRule, ruleFileEntries, ruleList, ruleRegex } from "../config/mod.ts";
import type { AccountRecord } from "../store/mod.ts";

/** Somebody who has signed in with Microsoft, perhaps for the first time. */
export type Applicant =
  & Pick<AccountRecord, "tenantId" | "objectId" | "email" | "emailVerified">
  & Partial<Pick<AccountRecord, "isInvited">>;

/** A file of account filters that could not be used. */
export class RuleFileError extends Error {
  override readonly name = "RuleFileError";
}

/** Reads a rule's file as text. */
type ReadFile = (path: string) => string;

/** The reason why the policy does not allow somebody, and the change that would allow it. */
export interface SignUpRefusal {
  /** The rule that excludes the person; absent: no rule matches, and some rule allows others. */
  readonly rule?: RegistrationRule["variable"];
  /** The setting to change: the rule, or one to which the entry is to be added. */
  readonly setting: RegistrationRule["variable"];
  /** The person as an entry of a list. */
  readonly entry: string;
}

/** A rule with its entries loaded. */
interface LoadedRule extends Pick<RegistrationRule, "variable" | "kind" | "subject"> {
  /** Whether it matches a text in lower case. */
  readonly matches: (text: string) => boolean;
}

/** Decides who may sign up. */
export class SignUpPolicy {
  readonly #rules: readonly RegistrationRule[];
  readonly #readFile: ReadFile;
  #loaded: readonly LoadedRule[] = [];

  /**
   * @param rules In the order in which they apply.
   * @throws {RuleFileError}
   */
  constructor(rules: readonly RegistrationRule[], readFile: ReadFile = Deno.readTextFileSync) {
    this.#rules = rules;
    this.#readFile = readFile;
    this.reload();
  }

  /**
   * Reads the files again, for SIGHUP.
   *
   * @throws {RuleFileError} Then the former entries stay in force.
   */
  reload(): void {
    this.#loaded = this.#rules.map((rule) => ({
      variable: rule.variable,
      kind: rule.kind,
      subject: rule.subject,
      matches: matcherOf(rule, this.#readFile),
    }));
  }

  /**
   * Returns why somebody may not use the proxy; undefined: allowed. The first rule that matches decides. With no match
   * everybody is allowed, unless some rule allows: then only those are whom an invitation has admitted. No invitation
   * admits anybody against a rule.
   *
   * Rules compare addresses that are proven (see {@linkcode provenAddresses}): a verified e-mail address, and
   * `<object id>@<tenant id>`. So the operator can name a whole tenant as a domain, and somebody with an e-mail claim that
   * Microsoft does not vouch for gets in by no rule about e-mail. Rules that disallow compare the unproven claim as well.
   */
  refusal(applicant: Applicant): SignUpRefusal | undefined {
    const proven = provenAddresses(applicant);
    const claimed = [...proven, applicant.email.toLowerCase()];
    const deciding = this.#loaded.find((rule) =>
      (rule.kind === "allow" ? proven : claimed).some((address) => applies(rule, address))
    );
    const isAllowed = deciding
      ? deciding.kind === "allow"
      : applicant.isInvited || !this.#loaded.some(({ kind }) => kind === "allow");
    if (isAllowed) return undefined;
    const rule = deciding?.variable;
    const setting = rule ?? this.#rules.find(takesEntries)?.variable ?? "ALLOWED_EMAILS_LIST";
    return { rule, setting, entry: proven.at(-1)! };
  }
}

/** Whether an account may open the admin page. `adminEmails` (in lower case) are compared with its proven addresses. */
export function isAdmin(account: Applicant, adminEmails: readonly string[]): boolean {
  return provenAddresses(account).some((address) => adminEmails.includes(address));
}

/**
 * Returns the addresses by which an account may be recognised, in lower case: `<object id>@<tenant id>`, and last its e-mail
 * address if that is verified.
 */
function provenAddresses(
  { tenantId, objectId, email, emailVerified }: Applicant,
): readonly string[] {
  const identity = `${objectId}@${tenantId}`.toLowerCase();
  return emailVerified ? [identity, email.toLowerCase()] : [identity];
}

/** Whether an e-mail address can be added to a rule so that its owner is allowed. */
function takesEntries({ kind, subject, form }: RegistrationRule): boolean {
  return kind === "allow" && subject === "email" && (form === "list" || form === "list-file");
}

function applies({ subject, matches }: LoadedRule, address: string): boolean {
  return matches(subject === "email" ? address : address.slice(address.lastIndexOf("@") + 1));
}

function matcherOf(rule: RegistrationRule, readFile: ReadFile): LoadedRule["matches"] {
  switch (rule.form) {
    case "list":
      return listMatcher(rule.list);
    case "list-file":
      return listMatcher(fileEntries(rule, readFile));
    case "regex":
      return regexMatcher([rule.regex]);
    case "regex-file":
      return regexMatcher(fileEntries(rule, readFile).map((entry) => parseRegex(rule, entry)));
  }
}

function listMatcher(entries: readonly string[]): LoadedRule["matches"] {
  const set = new Set(ruleList(entries));
  return (text) => set.has(text);
}

function regexMatcher(patterns: readonly RegExp[]): LoadedRule["matches"] {
  return (text) => patterns.some((pattern) => pattern.test(text));
}

type FileRule = Extract<RegistrationRule, { file: string }>;

function fileEntries({ variable, file }: FileRule, readFile: ReadFile): string[] {
  try {
    return ruleFileEntries(readFile(file));
  } catch (cause) {
    throw new RuleFileError(`${variable}: the file ${file} cannot be read.`, { cause });
  }
}

function parseRegex({ variable, file }: FileRule, entry: string): RegExp {
  try {
    return ruleRegex(entry);
  } catch (cause) {
    const problem = `${variable}: ${entry} in ${file} is not a regular expression.`;
    throw new RuleFileError(problem, { cause });
  }
}

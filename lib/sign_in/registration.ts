/**
 * Who may register: the operator's account filters (`ALLOWED_*`, `DISALLOWED_*`, `RULES_ORDER`) at work.
 *
 * @module
 */
import { type RegistrationRule, ruleFileEntries, ruleList, ruleRegex } from "../config/mod.ts";
import type { Identity } from "../store/mod.ts";

/** Somebody who has signed in with Microsoft, perhaps for the first time. */
export interface Registrant extends Identity {
  /** The e-mail claim. */
  readonly email: string;
  /** Whether Microsoft vouches for it: always for personal accounts; for work accounts claim `xms_edov`. */
  readonly emailVerified: boolean;
}

/** Reads a rule's file as text. */
export type ReadFile = (path: string) => string;

/** A file of account filters that could not be used. */
export class RuleFileError extends Error {
  override readonly name = "RuleFileError";
}

/** A rule whose entries are at hand. */
interface LoadedRule {
  readonly kind: RegistrationRule["kind"];
  readonly subject: RegistrationRule["subject"];
  /** Whether it matches a text in lower case. */
  readonly matches: (text: string) => boolean;
}

/** Decides who may register. */
export class Registration {
  readonly #rules: readonly RegistrationRule[];
  readonly #readFile: ReadFile;
  #loaded: readonly LoadedRule[];

  /**
   * @param rules In the order in which they apply.
   * @throws {RuleFileError}
   */
  constructor(rules: readonly RegistrationRule[], readFile: ReadFile = Deno.readTextFileSync) {
    this.#rules = rules;
    this.#readFile = readFile;
    this.#loaded = this.#load();
  }

  /**
   * Reads the files again, for SIGHUP.
   *
   * @throws {RuleFileError} Then the former entries stay in force.
   */
  reload(): void {
    this.#loaded = this.#load();
  }

  /**
   * Whether the filters let somebody in: the first rule that matches decides. With no match everybody is let in, unless
   * some rule allows.
   *
   * Rules compare addresses that are proven (see {@linkcode provenAddresses}): a verified e-mail address, and
   * `<object id>@<tenant id>`. So the operator can name a whole tenant as a domain, and somebody with an e-mail claim that
   * Microsoft does not vouch for gets in by no rule about e-mail. Rules that disallow compare the unproven claim as well.
   */
  mayRegister(registrant: Registrant): boolean {
    const proven = provenAddresses(registrant);
    const claimed = [...proven, registrant.email.toLowerCase()];
    const deciding = this.#loaded.find((rule) =>
      (rule.kind === "allow" ? proven : claimed).some((address) => applies(rule, address))
    );
    if (deciding) return deciding.kind === "allow";
    return !this.#loaded.some(({ kind }) => kind === "allow");
  }

  #load(): LoadedRule[] {
    return this.#rules.map((rule) => loadRule(rule, this.#readFile));
  }
}

/**
 * The addresses by which an account may be recognised, in lower case: `<object id>@<tenant id>`, and its e-mail address if
 * that is verified.
 */
export function provenAddresses(
  { tenantId, objectId, email, emailVerified }: Registrant,
): readonly string[] {
  const identity = `${objectId}@${tenantId}`.toLowerCase();
  return emailVerified ? [identity, email.toLowerCase()] : [identity];
}

/** Whether an account may open the admin page. `adminEmails` (in lower case) are compared with its proven addresses. */
export function isAdmin(account: Registrant, adminEmails: readonly string[]): boolean {
  return provenAddresses(account).some((address) => adminEmails.includes(address));
}

function applies({ subject, matches }: LoadedRule, address: string): boolean {
  return matches(subject === "email" ? address : address.slice(address.lastIndexOf("@") + 1));
}

function loadRule(rule: RegistrationRule, readFile: ReadFile): LoadedRule {
  const { kind, subject } = rule;
  return { kind, subject, matches: matcherOf(rule, readFile) };
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

interface FileRule {
  readonly variable: string;
  readonly file: string;
}

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
    throw new RuleFileError(`${variable}: ${entry} in ${file} is not a regular expression.`, {
      cause,
    });
  }
}

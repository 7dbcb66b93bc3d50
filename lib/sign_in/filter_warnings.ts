/**
 * Entries of the account filters that match nobody who may sign in.
 *
 * @module
 */
import { type RegistrationRule, ruleFileEntries } from "../config/mod.ts";
import { admitsTenant, isGuid } from "../microsoft/mod.ts";

/** An entry of a list that does not do what its writer expects. */
export interface FilterWarning {
  readonly variable: RegistrationRule["variable"];
  readonly entry: string;
  /** The reason as a sentence that begins with the entry, without a full stop. */
  readonly reason: string;
}

const IDENTITY_HELP = "an account is named by object-id@tenant-id there";

/**
 * Returns the entries of lists that can never match, or only in a special case.
 *
 * @param tenant `MICROSOFT_TENANT`.
 * @param readFile Reads a rule's file. Its errors are thrown.
 */
export function filterWarnings(
  rules: readonly RegistrationRule[],
  tenant: string,
  readFile: (path: string) => string = Deno.readTextFileSync,
): readonly FilterWarning[] {
  return rules.flatMap((rule) =>
    entriesOf(rule, readFile).flatMap((entry) => {
      const reason = reasonOf(rule, entry.toLowerCase(), tenant);
      return reason === undefined ? [] : [{ variable: rule.variable, entry, reason }];
    })
  );
}

/** A regular expression may mean anything. */
function entriesOf(rule: RegistrationRule, readFile: (path: string) => string): readonly string[] {
  if (rule.form === "list") return rule.list;
  return rule.form === "list-file" ? ruleFileEntries(readFile(rule.file)) : [];
}

function reasonOf(
  { kind, subject }: RegistrationRule,
  entry: string,
  tenant: string,
): string | undefined {
  if (entry.includes("*")) {
    return "matches nobody: lists know no wildcards; name each domain or address, or use a regular expression";
  }
  const at = entry.lastIndexOf("@");
  if (subject === "domain" && at >= 0) return "is an address, not a domain";
  if (subject === "email" && at <= 0) return "is not an address";
  const domain = entry.slice(at + 1);
  if (isGuid(domain)) {
    return identityReason(subject, entry.slice(0, Math.max(at, 0)), domain, tenant);
  }
  if (kind === "disallow" || tenant !== "organizations") return undefined;
  return "matches only accounts whose app registration adds the optional claim xms_edov: " +
    "addresses of work accounts are not proven otherwise; " + IDENTITY_HELP;
}

function identityReason(
  subject: RegistrationRule["subject"],
  objectId: string,
  tenantId: string,
  tenant: string,
): string | undefined {
  if (subject === "email" && !isGuid(objectId)) return `names no object id: ${IDENTITY_HELP}`;
  return admitsTenant(tenant, tenantId)
    ? undefined
    : `names an organisation that MICROSOFT_TENANT (${tenant}) does not let in`;
}

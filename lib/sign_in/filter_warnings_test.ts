import assert from "node:assert/strict";
import type { RegistrationRule } from "../config/mod.ts";
import { RULES } from "../config/settings/filters.ts";
import { filterWarnings } from "./filter_warnings.ts";

const PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad";
const WORK_TENANT = "22222222-2222-4222-8222-222222222222";
const OBJECT = "33333333-3333-4333-8333-333333333333";

function rule(variable: string, ...list: string[]): RegistrationRule {
  const base = RULES.find((definition) => definition.variable === variable)!;
  return base.form === "list"
    ? { ...base, form: "list", list }
    : { ...base, form: "list-file", file: list[0]! };
}

Deno.test("filterWarnings() finds entries that match nobody who may sign in", () => {
  const emails = "ALLOWED_EMAILS_LIST";
  const domains = "ALLOWED_DOMAINS_LIST";
  const cases: [variable: string, entry: string, tenant: string, reason: RegExp | undefined][] = [
    [emails, "anna@example.com", "consumers", undefined],
    [emails, "anna@example.com", "common", undefined],
    [emails, "anna@example.com", WORK_TENANT, undefined],
    [emails, "anna@example.com", "contoso.example", undefined],
    [emails, "anna@example.com", "organizations", /xms_edov.*object-id@tenant-id/],
    [domains, "example.com", "organizations", /xms_edov/],
    ["DISALLOWED_DOMAINS_LIST", "example.com", "organizations", undefined],
    [emails, `${OBJECT}@${WORK_TENANT}`, "organizations", undefined],
    [emails, `${OBJECT}@${WORK_TENANT.toUpperCase()}`, WORK_TENANT, undefined],
    [emails, `${OBJECT}@${WORK_TENANT}`, "consumers", /does not let in/],
    [emails, `${OBJECT}@${PERSONAL_TENANT}`, "consumers", undefined],
    [emails, `${OBJECT}@${PERSONAL_TENANT}`, "organizations", /does not let in/],
    [emails, `anna@${WORK_TENANT}`, "common", /no object id/],
    [emails, "example.com", "common", /not an address/],
    [domains, "anna@example.com", "common", /not a domain/],
    [domains, "*.example.com", "common", /no wildcards/],
    ["DISALLOWED_EMAILS_LIST", "*@example.com", "common", /no wildcards/],
    [domains, WORK_TENANT, "consumers", /does not let in/],
    [domains, WORK_TENANT, "common", undefined],
  ];
  for (const [variable, entry, tenant, reason] of cases) {
    const [warning] = filterWarnings([rule(variable, entry)], tenant);
    if (reason === undefined) assert.equal(warning, undefined, `${entry} ${tenant}`);
    else assert.match(warning?.reason ?? "", reason, `${entry} ${tenant}`);
  }
});

Deno.test("filterWarnings() looks into files of entries", () => {
  const [warning] = filterWarnings(
    [rule("ALLOWED_EMAILS_LIST_FILE", "f.txt")],
    "consumers",
    () => "anna@example.com\nexample.com\n",
  );
  assert.deepEqual(warning, {
    variable: "ALLOWED_EMAILS_LIST_FILE",
    entry: "example.com",
    reason: "is not an address",
  });
});

import type { Config } from "../../config/mod.ts";
import { filterWarnings } from "../../sign_in/mod.ts";
import { type Check, type Finding, ok, warning } from "./finding.ts";

const REMEDY = "Correct the entry, or remove it. The log of a refused sign-in names the right one.";

/** Returns the check of the account filters. */
export function filterChecks(config: Config): readonly Check[] {
  if (config.registrationRules.length === 0) return [];
  return [{ name: "account filters", run: () => Promise.try(() => findings(config)) }];
}

function findings({ registrationRules, registrations }: Config): readonly Finding[] {
  const [first = [], ...others] = registrations.map(({ tenant }) =>
    filterWarnings(registrationRules, tenant)
  );
  // An entry is in order if it matches somebody at one of the app registrations.
  const warnings = first.filter(({ variable, entry }) =>
    others.every((more) => more.some((one) => one.variable === variable && one.entry === entry))
  );
  return warnings.length === 0
    ? [ok("every entry can match somebody who may sign in")]
    : warnings.map(({ variable, entry, reason }) =>
      warning(`${variable}: ${entry} ${reason}`, REMEDY)
    );
}

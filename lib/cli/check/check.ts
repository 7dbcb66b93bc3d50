/**
 * `check`: whether the settings and everything around the program are as it needs them.
 *
 * @module
 */
import type { Dialer } from "../../../smtp/mod.ts";
import type { Config } from "../../config/mod.ts";
import type { Call, Command } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { certificateChecks } from "./certificates.ts";
import { databaseCheck } from "./database.ts";
import { type CheckResult, runCheck } from "./finding.ts";
import { machineChecks } from "./machine.ts";
import { mailboxCheck } from "./mailboxes.ts";
import { microsoftChecks } from "./microsoft.ts";
import { reachChecks } from "./reach.ts";
import { printResults } from "./report.ts";
import { filterChecks, settingsResult } from "./settings.ts";
import { submissionChecks } from "./submission.ts";

/** Longer than any single request waits. */
const TIMEOUT_MS = 12_000;

/** `check`. */
export const checkCommand: Command = {
  name: "check",
  summary: "check settings, certificates, ports, DNS, database and Microsoft's servers",
  details:
    "It may be used while the server runs. No message is sent. The only sign-ins are those of app-only mailboxes, up to eight\n" +
    "of them. Exit code 0: no failures, perhaps warnings; 1: at least one failure.",
  access: { network: "any" },
  run: check,
};

async function check({ config, output, dialer }: Call): Promise<number> {
  const results = await findAll(config, dialer);
  const ok = results.every(({ findings }) => findings.every(({ status }) => status !== "failure"));
  output.show({ ok, checks: results }, () => printResults(results, output));
  return ok ? EXIT.ok : EXIT.failed;
}

/** Runs all checks: {@linkcode Call} has what they need. Without valid settings there is nothing else to check. */
export async function findAll(
  config: () => Config,
  dialer: Dialer,
): Promise<readonly CheckResult[]> {
  const settings = settingsResult(config);
  if (settings.findings.some(({ status }) => status === "failure")) return [settings];
  const others = allChecks(config(), dialer).map((one) => runCheck(one, TIMEOUT_MS));
  return [settings, ...await Promise.all(others)];
}

/** Makes the checks that need no more rights than a running server has: of certificates, filters and Microsoft's servers. */
export async function checkWhileServing(
  config: Config,
  dialer: Dialer,
): Promise<readonly CheckResult[]> {
  const checks = [
    ...certificateChecks(config),
    ...filterChecks(config),
    ...microsoftChecks(config),
    ...submissionChecks(config, dialer),
  ];
  return await Promise.all(checks.map((one) => runCheck(one, TIMEOUT_MS)));
}

/** Returns all checks, in the order in which they are shown. */
function allChecks(config: Config, dialer: Dialer) {
  return [
    ...machineChecks(config),
    ...certificateChecks(config),
    ...reachChecks(config),
    databaseCheck(config),
    ...filterChecks(config),
    ...microsoftChecks(config),
    ...submissionChecks(config, dialer),
    mailboxCheck(config, dialer),
  ];
}

/**
 * `check`: whether the settings and everything around them are as the program needs them.
 *
 * @module
 */
import { type Config, ConfigError } from "../config/mod.ts";
import { certificateChecks } from "./check/certificates.ts";
import { databaseCheck } from "./check/database.ts";
import { type CheckResult, failure, runCheck, type Status } from "./check/finding.ts";
import { microsoftChecks } from "./check/microsoft.ts";
import { namesCheck } from "./check/names.ts";
import { portsCheck } from "./check/ports.ts";
import { settingsCheck } from "./check/settings.ts";
import { type ProbeSubmission, submissionChecks } from "./check/submission.ts";
import type { Call, Command } from "./command.ts";
import { EXIT } from "./exit_codes.ts";
import type { Output, Tone } from "./output.ts";
import { formatTable } from "./table.ts";

/** Longer than any single request waits. */
const TIMEOUT_MS = 12_000;

const TONES: Readonly<Record<Status, Tone>> = { ok: "good", warning: "warning", failure: "bad" };

/** @param probe How to reach a submission server. */
export function checkCommand(probe: ProbeSubmission): Command {
  return {
    name: "check",
    summary: "check settings, certificates, ports, DNS, database and Microsoft's servers",
    details:
      "It may be called while the server runs. Nothing is sent, and no one signs in. Exit code 0: all is well, perhaps with\n" +
      "warnings; 1: something has failed.",
    run: (call) => check(call, probe),
  };
}

async function check(call: Call, probe: ProbeSubmission): Promise<number> {
  const results = await findAll(call, probe);
  const failed = results.some(({ findings }) =>
    findings.some(({ status }) => status === "failure")
  );
  call.output.show({ ok: !failed, checks: results }, () => print(results, call.output));
  return failed ? EXIT.failed : EXIT.ok;
}

/** Without valid settings there is nothing else to look at. */
async function findAll(call: Call, probe: ProbeSubmission): Promise<readonly CheckResult[]> {
  try {
    const checks = allChecks(call.config(), probe);
    return await Promise.all(checks.map((one) => runCheck(one, TIMEOUT_MS)));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const findings = error.problems.map(({ variable, message, remedy }) =>
      failure(`${variable} ${message.replace(/\.$/, "")}`, remedy)
    );
    return [{ name: "settings", findings }];
  }
}

/** In the order in which they are shown. */
function allChecks(config: Config, probe: ProbeSubmission) {
  return [
    settingsCheck(config),
    ...certificateChecks(config),
    portsCheck(config),
    namesCheck(config),
    databaseCheck(config),
    ...microsoftChecks(config),
    ...submissionChecks(config, probe),
  ];
}

function print(results: readonly CheckResult[], output: Output): void {
  const rows = results.flatMap(({ name, findings }) =>
    findings.flatMap(({ status, text, remedy }) => [
      [output.paint(TONES[status], status), name, text],
      ...(remedy === undefined ? [] : [["", "", output.paint("faint", remedy)]]),
    ])
  );
  for (const line of formatTable(rows)) output.line(line);
}

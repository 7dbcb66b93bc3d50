import { counted } from "../../base/mod.ts";
import type { Output, Tone } from "../output.ts";
import { formatTable } from "../table.ts";
import type { CheckResult, Status } from "./finding.ts";

const TONES: Readonly<Record<Status, Tone>> = { ok: "good", warning: "warning", failure: "bad" };

/** Prints the findings as a table, and a line that sums them up. */
export function printResults(results: readonly CheckResult[], output: Output): void {
  const rows = results.flatMap(({ name, findings }) =>
    findings.flatMap(({ status, text, remedy }) => [
      [output.paint(TONES[status], status), name, text],
      ...(remedy === undefined ? [] : [["", "", output.paint("faint", remedy)]]),
    ])
  );
  for (const line of formatTable(rows)) output.line(line);
  output.line(`\n${summary(results)}`);
}

/** Returns the number of failures and warnings in words. */
export function summary(results: readonly CheckResult[]): string {
  const all = results.flatMap(({ findings }) => findings);
  const count = (status: Status) => all.filter((finding) => finding.status === status).length;
  const [failures, warnings] = [count("failure"), count("warning")];
  if (failures + warnings === 0) return "Everything is in order.";
  return `${counted(failures, "failure")}, ${counted(warnings, "warning")}.`;
}

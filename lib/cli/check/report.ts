import type { Output, Tone } from "../output.ts";
import { formatTable } from "../table.ts";
import { type CheckResult, type CheckStatus, summary } from "../../checks/mod.ts";

const TONES: Readonly<Record<CheckStatus, Tone>> = {
  ok: "good",
  warning: "warning",
  failure: "bad",
};

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

/**
 * Measurements as Markdown.
 *
 * @module
 */

/** One figure against its goal. */
export interface Figure {
  readonly name: string;
  readonly goal: string;
  readonly measured: string;
  /** Absent: there is no goal. */
  readonly reached?: boolean;
}

/** Findings of a scenario. */
export interface Findings {
  readonly figures: readonly Figure[];
  /** Details below the figures: a title and the rows of a table, of which the first is its head. */
  readonly tables?: readonly Table[];
}

export interface Table {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

const MARKS = { true: "yes", false: "no", undefined: "" } as const;

/** All figures in one table, then the details. */
export function formatReport(findings: readonly Findings[]): string {
  const figures = findings.flatMap(({ figures }) => figures);
  const rows = figures.map(({ name, goal, measured, reached }) => [
    name,
    goal,
    measured,
    MARKS[`${reached}` as keyof typeof MARKS],
  ]);
  return [
    formatRows([["", "goal", "measured", "reached"], ...rows]),
    ...findings.flatMap(({ tables = [] }) => tables).map(formatTable),
  ].join("\n");
}

/** A title and its rows. */
export function formatTable({ title, rows }: Table): string {
  return `${title}\n\n${formatRows(rows)}`;
}

function formatRows([head = [], ...rows]: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

/** A number with as many digits as mean something. */
export function shown(value: number): string {
  if (Number.isNaN(value)) return "–";
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

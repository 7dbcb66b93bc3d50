import { stripVTControlCharacters } from "node:util";

const GAP = "  ";

/** Formats rows as lines, each column as wide as its widest cell. Control characters are dropped, except colours. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map(withoutControls));
  const columnCount = Math.max(0, ...cells.map((row) => row.length));
  const widths = Array.from(
    { length: columnCount },
    (_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ""))),
  );
  return cells.map((row) =>
    row.map((cell, column) => cell + " ".repeat(widths[column]! - widthOf(cell))).join(GAP)
      .trimEnd()
  );
}

/** Removes control characters: names and addresses come from strangers, and must not move the cursor. */
function withoutControls(cell: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what this is about
  return cell.replace(/(\x1b\[\d+m)|[\p{Cc}\p{Cf}\u2028\u2029]/gu, "$1");
}

function widthOf(cell: string): number {
  return [...stripVTControlCharacters(cell)].length;
}

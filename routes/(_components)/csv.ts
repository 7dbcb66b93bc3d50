import { nextTurn } from "../../lib/base/mod.ts";

/** The columns of a file: their heads, and what they show of a row. */
export type CsvColumns<Row> = readonly (readonly [name: string, value: (row: Row) => unknown])[];

/** Rows that are read at a time. */
export const CSV_PAGE_SIZE = 500;
/** Enough for a year of a busy printer; what is older can be had by its dates. */
const MAX_ROWS = 50_000;

/** Answers with a file for spreadsheets (RFC 4180), which is sent while its rows are read, page by page. */
export function csvFile<Row>(
  name: string,
  columns: CsvColumns<Row>,
  pages: AsyncIterable<readonly Row[]>,
): Response {
  const lines = ReadableStream.from(linesOf(columns, pages));
  return new Response(lines.pipeThrough(new TextEncoderStream()), {
    headers: {
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": `attachment; filename="${name}"`,
    },
  });
}

async function* linesOf<Row>(
  columns: CsvColumns<Row>,
  pages: AsyncIterable<readonly Row[]>,
): AsyncGenerator<string> {
  yield csvLine(columns.map(([name]) => name));
  let count = 0;
  for await (const rows of pages) {
    yield rows.map((row) => csvLine(columns.map(([, value]) => value(row)))).join("");
    count += rows.length;
    if (count >= MAX_ROWS) return;
    // A database in a file answers without a pause: everybody else gets a turn.
    await nextTurn();
  }
}

/** A cell that spreadsheets would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** Texts that others may have written never become formulas. */
function csvLine(values: readonly unknown[]): string {
  return `${values.map(csvCell).join(",")}\r\n`;
}

function csvCell(value: unknown): string {
  const text = String(value ?? "");
  const safe = typeof value === "string" && FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

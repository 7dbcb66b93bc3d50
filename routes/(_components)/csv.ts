import { nextTurn } from "../../lib/base/mod.ts";

/** The columns of a file: their heads, and what they show of a row. */
export type CsvColumns<Row> = readonly (readonly [name: string, value: (row: Row) => unknown])[];

/** Rows that are read at a time: a few milliseconds, for which everybody else waits. */
export const CSV_PAGE_SIZE = 100;
/** Enough for a year of a busy printer; what is older can be had by its dates. */
const MAX_ROWS = 50_000;

/** Some rows of a file, and the id before which the next ones are. */
export interface CsvPage<Row> {
  readonly found: readonly Row[];
  /** Absent: there are no more. */
  readonly olderThanId?: number;
}

/** Reads up to {@linkcode CSV_PAGE_SIZE} rows, newest first. @param beforeId Absent: the newest ones. */
export type ReadCsvPage<Row> = (beforeId?: number) => Promise<CsvPage<Row>>;

/** Answers with a file for spreadsheets (RFC 4180), which is sent while its rows are read, page by page. */
export function csvFile<Row>(
  name: string,
  columns: CsvColumns<Row>,
  read: ReadCsvPage<Row>,
): Response {
  const lines = ReadableStream.from(linesOf(columns, read));
  return new Response(lines.pipeThrough(new TextEncoderStream()), {
    headers: {
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": `attachment; filename="${name}"`,
    },
  });
}

async function* linesOf<Row>(
  columns: CsvColumns<Row>,
  read: ReadCsvPage<Row>,
): AsyncGenerator<string> {
  yield csvLine(columns.map(([name]) => name));
  let count = 0;
  let beforeId: number | undefined;
  do {
    const { found, olderThanId } = await inTurn(() => read(beforeId));
    yield found.map((row) => csvLine(columns.map(([, value]) => value(row)))).join("");
    count += found.length;
    beforeId = olderThanId;
  } while (beforeId !== undefined && count < MAX_ROWS);
}

/** Settles when no file is being read. */
let lastRead: Promise<unknown> = Promise.resolve();

/**
 * Reads for one file after another, however many are downloaded, with a pause between: a database in a file answers without
 * one, and pages come first.
 */
function inTurn<Page>(read: () => Promise<Page>): Promise<Page> {
  const reading = lastRead.then(nextTurn).then(read);
  lastRead = reading.catch(() => {});
  return reading;
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

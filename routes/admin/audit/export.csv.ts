import type { AuditEntry } from "../../../lib/store/mod.ts";
import { define, type State } from "../../../lib/web/mod.ts";
import { csvLine } from "../../activity/(_components)/csv.ts";
import { auditFilter } from "./(_components)/audit_filter.ts";

/** Entries that are read at a time. */
const PAGE_SIZE = 500;
const MAX_ROWS = 50_000;

const COLUMNS: readonly (readonly [name: string, value: (entry: AuditEntry) => string])[] = [
  ["time", ({ atMs }) => new Date(atMs).toISOString()],
  ["who", ({ actor }) => actor],
  ["what", ({ action }) => action],
  ["to what", ({ subject }) => subject],
];

/** The entries that a filter selects, newest first, for spreadsheets (RFC 4180). */
export const handler = define.handlers({
  GET({ url, state }) {
    const lines = ReadableStream.from(linesOf(state, url.searchParams));
    return new Response(lines.pipeThrough(new TextEncoderStream()), {
      headers: {
        "content-type": "text/csv; charset=utf-8; header=present",
        "content-disposition": 'attachment; filename="audit.csv"',
      },
    });
  },
});

async function* linesOf(state: State, query: URLSearchParams): AsyncGenerator<string> {
  const { audit } = state.services.store;
  const filter = auditFilter(query);
  yield csvLine(COLUMNS.map(([name]) => name));
  let beforeId: number | undefined;
  for (let count = 0; count < MAX_ROWS; count += PAGE_SIZE) {
    const found = await audit.list({ ...filter, beforeId, limit: PAGE_SIZE });
    yield found.map((one) => csvLine(COLUMNS.map(([, value]) => value(one)))).join("");
    if (found.length < PAGE_SIZE) return;
    beforeId = found.at(-1)?.id;
  }
}

import type { AuditEntry } from "../../../lib/store/mod.ts";
import { define } from "../../../lib/web/mod.ts";
import { CSV_PAGE_SIZE, type CsvColumns, csvFile } from "../../(_components)/csv.ts";
import { auditFilter } from "./(_components)/audit_filter.ts";

const COLUMNS: CsvColumns<AuditEntry> = [
  ["time", ({ atMs }) => new Date(atMs).toISOString()],
  ["who", ({ actor }) => actor],
  ["what", ({ action }) => action],
  ["to what", ({ subject }) => subject],
];

/** The entries that a filter selects, newest first, for spreadsheets. */
export const handler = define.handlers({
  GET({ url, state }) {
    const { audit } = state.services.store;
    const filter = auditFilter(url.searchParams);
    return csvFile("audit.csv", COLUMNS, async (beforeId) => {
      const found = await audit.list({ ...filter, beforeId, limit: CSV_PAGE_SIZE });
      return { found, olderThanId: found.length < CSV_PAGE_SIZE ? undefined : found.at(-1)?.id };
    });
  },
});

import { activityFilter, conditionsOf } from "./(_components)/activity_query.ts";
import { CSV_PAGE_SIZE, type CsvColumns, csvFile } from "../(_components)/csv.ts";
import { define, userOf } from "../../lib/web/mod.ts";
import type { Delivery } from "../../lib/store/mod.ts";

const COLUMNS: CsvColumns<Delivery> = [
  ["time", ({ atMs }) => new Date(atMs).toISOString()],
  ["outcome", ({ outcome }) => outcome],
  ["stage", ({ stage }) => stage],
  ["app password", ({ appPasswordName }) => appPasswordName],
  ["client", ({ clientAddress }) => clientAddress],
  ["sender", ({ sender }) => sender],
  ["recipients", ({ recipients }) => recipients],
  ["recipient count", ({ recipientCount }) => recipientCount],
  ["refused count", ({ refusedCount }) => refusedCount],
  ["size in octets", ({ sizeOctets }) => sizeOctets],
  ["duration in ms", ({ durationMs }) => Math.round(durationMs)],
  ["reply", ({ reply }) => reply],
  ["queue id", ({ queueId }) => queueId],
];

/** The activity that a filter selects, newest first, for spreadsheets. */
export const handler = define.handlers({
  GET({ url, state }) {
    const { deliveries } = state.services.store;
    const conditions = conditionsOf(activityFilter(url.searchParams));
    const accountId = userOf(state).account.id;
    return csvFile(
      "activity.csv",
      COLUMNS,
      (beforeId) => deliveries.search({ ...conditions, accountId, beforeId, limit: CSV_PAGE_SIZE }),
    );
  },
});

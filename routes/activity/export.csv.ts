import { csvLine } from "./(_components)/csv.ts";
import { activityFilter, conditionsOf } from "./(_components)/activity_query.ts";
import { nextTurn } from "../../lib/base/mod.ts";
import { define, type State, userOf } from "../../lib/web/mod.ts";
import type { Delivery } from "../../lib/store/mod.ts";

/** Rows that are read at a time. */
const PAGE_SIZE = 500;
/** Enough for a year of a busy printer; what is older can be had by its dates. */
const MAX_ROWS = 50_000;

const COLUMNS: readonly (readonly [name: string, value: (delivery: Delivery) => unknown])[] = [
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

/** The activity that a filter selects, newest first, for spreadsheets (RFC 4180). */
export const handler = define.handlers({
  GET({ url, state }) {
    const lines = ReadableStream.from(linesOf(state, url.searchParams));
    return new Response(lines.pipeThrough(new TextEncoderStream()), {
      headers: {
        "content-type": "text/csv; charset=utf-8; header=present",
        "content-disposition": 'attachment; filename="activity.csv"',
      },
    });
  },
});

async function* linesOf(state: State, query: URLSearchParams): AsyncGenerator<string> {
  const { deliveries } = state.services.store;
  const conditions = conditionsOf(activityFilter(query));
  const accountId = userOf(state).account.id;
  yield csvLine(COLUMNS.map(([name]) => name));
  let beforeId: number | undefined;
  let count = 0;
  do {
    const query = { ...conditions, accountId, beforeId, limit: PAGE_SIZE };
    const { found, olderThanId } = await deliveries.search(query);
    yield found.map((one) => csvLine(COLUMNS.map(([, value]) => value(one)))).join("");
    count += found.length;
    beforeId = olderThanId;
    // A file answers without a pause: everybody else gets a turn.
    await nextTurn();
  } while (beforeId !== undefined && count < MAX_ROWS);
}

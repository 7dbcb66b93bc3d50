import assert from "node:assert/strict";
import { HOUR_MS } from "../../lib/base/mod.ts";
import { barsOf, firstSpanMs } from "./bars.ts";

const SPANS = { spanMs: HOUR_MS, count: 3 };
const NOW_MS = 10 * HOUR_MS + 5;

Deno.test("barsOf() has a bar for each span, and counts what was not accepted together", () => {
  assert.equal(firstSpanMs(NOW_MS, SPANS), 8 * HOUR_MS);
  const bars = barsOf(
    [
      { startMs: 8 * HOUR_MS, outcome: "accepted", count: 4 },
      { startMs: 10 * HOUR_MS, outcome: "refused", count: 1 },
      { startMs: 10 * HOUR_MS, outcome: "deferred", count: 2 },
    ],
    NOW_MS,
    SPANS,
  );
  assert.deepEqual(bars, [
    { startMs: 8 * HOUR_MS, accepted: 4, failed: 0 },
    { startMs: 9 * HOUR_MS, accepted: 0, failed: 0 },
    { startMs: 10 * HOUR_MS, accepted: 0, failed: 3 },
  ]);
});

/**
 * Deliveries over time, counted for a chart.
 *
 * @module
 */
import type { DeliveryCount, DeliveryOutcome } from "../../lib/store/mod.ts";
import type { WebServices } from "../../lib/web/mod.ts";

/** One bar. */
export interface Bar {
  /** Start of its span of time. */
  readonly startMs: number;
  readonly accepted: number;
  /** Everything else. */
  readonly failed: number;
}

/** Spans of time, the last of which is under way. */
export interface Spans {
  readonly spanMs: number;
  readonly count: number;
}

/** Counts deliveries for a chart. @param accountId Absent: those of all accounts. */
export async function countBars(
  { store, clock }: Pick<WebServices, "store" | "clock">,
  spans: Spans,
  accountId?: string,
): Promise<readonly Bar[]> {
  const nowMs = clock.now();
  const sinceMs = firstSpanMs(nowMs, spans);
  const { spanMs } = spans;
  return barsOf(await store.deliveries.counts({ sinceMs, spanMs, accountId }), nowMs, spans);
}

/** Returns the start of the first span. Spans begin at multiples of their length, as the store counts them. */
export function firstSpanMs(nowMs: number, { spanMs, count }: Spans): number {
  return nowMs - nowMs % spanMs - (count - 1) * spanMs;
}

/** Returns one bar for each span, those without deliveries included. */
export function barsOf(counts: readonly DeliveryCount[], nowMs: number, spans: Spans): Bar[] {
  const firstMs = firstSpanMs(nowMs, spans);
  return Array.from({ length: spans.count }, (_, index) => {
    const startMs = firstMs + index * spans.spanMs;
    const here = counts.filter((count) => count.startMs === startMs);
    const accepted = sum(here, (outcome) => outcome === "accepted");
    return { startMs, accepted, failed: sum(here, (outcome) => outcome !== "accepted") };
  });
}

function sum(
  counts: readonly DeliveryCount[],
  belongs: (outcome: DeliveryOutcome) => boolean,
): number {
  return counts.reduce((total, { outcome, count }) => total + (belongs(outcome) ? count : 0), 0);
}

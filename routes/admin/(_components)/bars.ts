/**
 * Deliveries over time, counted for a chart.
 *
 * @module
 */
import type { DeliveryCount, DeliveryOutcome } from "../../../lib/store/mod.ts";

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

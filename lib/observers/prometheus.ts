/**
 * The parts of prom-client that the metrics need. Its index loads twice as much: clusters, timers of V8, an HTTP client.
 *
 * @module
 */
import type client from "prom-client";
import Counter from "prom-client/lib/counter.js";
import Gauge from "prom-client/lib/gauge.js";
import Histogram from "prom-client/lib/histogram.js";
import Registry from "prom-client/lib/registry.js";

/** The classes of prom-client, whose parts have no types of their own. */
export const prometheus = { Counter, Gauge, Histogram, Registry } as unknown as Pick<
  typeof client,
  "Counter" | "Gauge" | "Histogram" | "Registry"
>;

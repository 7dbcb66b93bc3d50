/**
 * Memory: of clients that are logged in and idle, and of large messages to a slow upstream.
 *
 * @module
 */
import type { Scenario } from "../scenario.ts";
import { type Figure, shown } from "../report.ts";
import { median } from "../statistics.ts";
import type { Proxy } from "../participants.ts";
import { sleep } from "../process.ts";

const FIRST_COUNT = 500;
const MORE_COUNT = 1_000;
const RUNS = 3;
const SETTLE_MS = 1_000;

const KINDS = [
  { tls: "none", port: "plain", name: "plain", goalKilobytes: 16 },
  { tls: "implicit", port: "tls", name: "TLS", goalKilobytes: 50 },
] as const;

/** Resident memory of an idle, authenticated connection: the difference that a thousand more of them make. */
export const idleMemory: Scenario = async (testbed) => {
  const figures: Figure[] = [];
  for (const { tls, port, name, goalKilobytes } of KINDS) {
    const samples: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      await using sink = await testbed.startSink();
      await using proxy = await testbed.startProxy(sink);
      await using clients = testbed.startIdleClients(proxy.ports[port], tls);
      await clients.add(FIRST_COUNT);
      const before = await settledMemory(proxy);
      await clients.add(MORE_COUNT);
      const after = await settledMemory(proxy);
      samples.push((after - before) / MORE_COUNT / 1000);
    }
    const kilobytes = median(samples);
    figures.push({
      name: `memory of an idle authenticated connection, ${name}`,
      goal: `at most ${goalKilobytes} kB`,
      measured: `${shown(kilobytes)} kB (${samples.map(shown).join(", ")})`,
      reached: kilobytes <= goalKilobytes,
    });
  }
  return { figures };
};

async function settledMemory(proxy: Proxy): Promise<number> {
  await sleep(SETTLE_MS);
  return proxy.residentOctets;
}

const SLOW_OCTETS_PER_SECOND = 2_000_000;
const LARGE_OCTETS = 10 * 2 ** 20;
const SAMPLE_MS = 50;
const GOAL_MEBIBYTES = 16;
const MEBIBYTE = 2 ** 20;

/** Ten messages of 10 MiB at once, to an upstream that takes 2 MB a second on each connection. */
export const slowUpstream: Scenario = async (testbed) => {
  await using sink = await testbed.startSink();
  await using proxy = await testbed.startProxy(sink);
  // A busy server has its code compiled and its heap grown already.
  await testbed.load(proxy.ports.plain, "--reuse", "--seconds", "1");
  const before = await settledMemory(proxy);
  await sink.set({ rateOctetsPerSecond: SLOW_OCTETS_PER_SECOND });
  let peak = before;
  const sampler = setInterval(() => peak = Math.max(peak, proxy.residentOctets), SAMPLE_MS);
  await testbed.load(
    proxy.ports.plain,
    ...["--octets", `${LARGE_OCTETS}`, "--count", "10", "--warm-up", "0"],
  );
  clearInterval(sampler);
  await sink.set({ rateOctetsPerSecond: 0 });
  await sleep(SETTLE_MS);
  const growth = (proxy.residentOctets - before) / MEBIBYTE;
  return {
    figures: [
      {
        name: "resident memory after 10 × 10 MiB at 2 MB/s upstream",
        goal: `at most ${GOAL_MEBIBYTES} MiB growth`,
        measured: `${shown(growth)} MiB`,
        reached: growth <= GOAL_MEBIBYTES,
      },
      {
        name: "the same, at its highest",
        goal: "",
        measured: `${shown((peak - before) / MEBIBYTE)} MiB`,
      },
    ],
  };
};

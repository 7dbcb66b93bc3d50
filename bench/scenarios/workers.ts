/**
 * Threads of their own for mail clients: what they cost, and what they bring where there are cores for them.
 *
 * @module
 */
import type { Scenario } from "../arena.ts";
import type { LoadResult } from "../load.ts";
import { shown, type Table } from "../report.ts";
import { median } from "../statistics.ts";

const WORKER_COUNTS = [0, 1, 2];

const LOADS = [
  { name: "new connection each", args: [] },
  { name: "open connections", args: ["--reuse", "--warm-up", "20"] },
];

/** One turn of one proxy. */
interface Turn extends LoadResult {
  readonly cpuMicroseconds: number;
}

/** Proxies with none, one and two workers take turns. */
export const workers: Scenario = async (world, { rounds, seconds }) => {
  await using sink = await world.startSink();
  await using stack = new AsyncDisposableStack();
  const proxies = [];
  for (const workerCount of WORKER_COUNTS) {
    proxies.push(stack.use(await world.startProxy(sink, { workerCount })));
  }
  const tables: Table[] = [];
  for (const { name, args } of LOADS) {
    const turns = proxies.map(() => [] as Turn[]);
    for (let round = 0; round <= rounds; round++) {
      for (const [index, proxy] of proxies.entries()) {
        const before = proxy.cpuSeconds;
        const result = await world.load(proxy.ports.plain, "--seconds", `${seconds}`, ...args);
        const cpuMicroseconds = (proxy.cpuSeconds - before) * 1e6 / result.messageCount;
        // In the first round V8 compiles.
        if (round > 0) turns[index]!.push({ ...result, cpuMicroseconds });
      }
    }
    tables.push({
      title: `Workers: 4 KiB, ${name}, 10 at once`,
      rows: [
        ["workers", "messages/s", "median ms", "p95", "CPU µs a message", "resident MB"],
        ...proxies.map((proxy, index) => {
          const middle = (value: (turn: Turn) => number) => shown(median(turns[index]!.map(value)));
          return [
            `${WORKER_COUNTS[index]}`,
            middle(({ messagesPerSecond }) => messagesPerSecond),
            middle(({ latencyMs }) => latencyMs.median),
            middle(({ latencyMs }) => latencyMs.p95),
            middle(({ cpuMicroseconds }) => cpuMicroseconds),
            shown(proxy.residentOctets / 1e6),
          ];
        }),
      ],
    });
  }
  return { figures: [], tables };
};

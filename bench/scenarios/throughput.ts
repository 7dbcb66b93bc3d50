/**
 * Messages and octets in a second, ten clients at once: no proxy, our proxy and HAProxy take turns.
 *
 * @module
 */
import type { Effort, Scenario } from "../scenario.ts";
import type { LoadResult } from "../load.ts";
import type { Sink } from "../participants.ts";
import { isInstalled, type Process } from "../process.ts";
import { type Figure, shown, type Table } from "../report.ts";
import { median } from "../statistics.ts";
import type { Testbed } from "../testbed.ts";

/** Something that takes messages to the sink. */
interface Candidate {
  readonly name: "no proxy" | "proxy" | "HAProxy";
  readonly port: number;
  /** How the load generator has to speak to it. */
  readonly args: readonly string[];
  /** The process between load generator and sink. */
  readonly process?: Process;
}

/** Measurements of one turn. */
interface Turn extends LoadResult {
  /** CPU time of what stands in between, in microseconds a message. */
  readonly cpuMicroseconds: number;
  readonly roundTrips: number;
}

/** A load, and what it should reach. */
interface Load {
  readonly name: string;
  readonly unit: "messagesPerSecond" | "megabytesPerSecond";
  readonly args: (effort: Effort) => readonly string[];
  /** Least ratios of the proxy's rate to another candidate's. */
  readonly goals: Partial<Record<Candidate["name"], number>>;
  /** Whether upstream round trips have to be two. */
  readonly twoRoundTrips?: boolean;
}

const LOADS: readonly Load[] = [
  {
    name: "4 KiB, new connection each, 10 at once",
    unit: "messagesPerSecond",
    args: ({ seconds }) => ["--seconds", `${seconds}`],
    goals: { "no proxy": 1.5 },
    twoRoundTrips: true,
  },
  {
    name: "4 KiB, open connections, 10 at once",
    unit: "messagesPerSecond",
    args: ({ seconds }) => ["--seconds", `${seconds}`, "--reuse", "--warm-up", "20"],
    goals: { "no proxy": 0.45, "HAProxy": 0.8 },
    twoRoundTrips: true,
  },
  {
    name: "10 MiB, 10 at once",
    unit: "megabytesPerSecond",
    args: ({ seconds }) => ["--count", `${40 * seconds}`, "--reuse", "--octets", `${10 * 2 ** 20}`],
    goals: { "no proxy": 0.7, "HAProxy": 0.85 },
  },
];

export const throughput: Scenario = async (testbed, effort) => {
  await using sink = await testbed.startFastSink();
  await using proxy = await testbed.startProxy(sink);
  await using haproxy = isInstalled("haproxy") ? await testbed.startHaproxy(sink) : undefined;
  const direct = ["--mechanism", "XOAUTH2"];
  const candidates: Candidate[] = [
    { name: "no proxy", port: sink.ports.starttls, args: [...direct, "--tls", "starttls"] },
    { name: "proxy", port: proxy.ports.plain, args: [], process: proxy },
  ];
  if (haproxy) {
    candidates.push({ name: "HAProxy", port: haproxy.port, args: direct, process: haproxy });
  }
  const figures: Figure[] = [];
  const tables: Table[] = [];
  for (const load of LOADS) {
    // What V8 has not compiled yet is not worth measuring.
    await takeTurn(testbed, sink, candidates[1]!, load.args(effort));
    const turns = new Map(candidates.map(({ name }) => [name, [] as Turn[]]));
    for (let round = 0; round < effort.rounds; round++) {
      for (const candidate of candidates) {
        const turn = await takeTurn(testbed, sink, candidate, load.args(effort));
        turns.get(candidate.name)!.push(turn);
      }
    }
    figures.push(...compare(load, turns));
    tables.push(describe(load, turns));
  }
  return { figures, tables };
};

async function takeTurn(
  testbed: Testbed,
  sink: Sink,
  { port, args, process }: Candidate,
  loadArgs: readonly string[],
): Promise<Turn> {
  const before = { ...await sink.set(), cpuSeconds: process?.cpuSeconds ?? NaN };
  const result = await testbed.loadFast(port, ...args, ...loadArgs);
  const after = { ...await sink.set(), cpuSeconds: process?.cpuSeconds ?? NaN };
  const messageCount = after.messages - before.messages;
  return {
    ...result,
    cpuMicroseconds: (after.cpuSeconds - before.cpuSeconds) * 1e6 / messageCount,
    roundTrips: (after.roundTrips - before.roundTrips) / messageCount,
  };
}

type Turns = ReadonlyMap<Candidate["name"], readonly Turn[]>;

/** The ratio of each round by itself, since the machine may be slower in one than in another; then the median. */
function compare({ name, unit, goals, twoRoundTrips }: Load, turns: Turns): Figure[] {
  const ours = turns.get("proxy")!;
  const figures = (["no proxy", "HAProxy"] as const).flatMap((other): Figure[] => {
    const theirs = turns.get(other);
    if (theirs === undefined) return [];
    const ratio = median(ours.map((turn, round) => turn[unit] / theirs[round]![unit]));
    const goal = goals[other];
    return [{
      name: `${name}: against ${other}`,
      goal: goal === undefined ? "" : `at least ${goal} ×`,
      measured: `${shown(ratio)} ×`,
      reached: goal === undefined ? undefined : ratio >= goal,
    }];
  });
  if (!twoRoundTrips) return figures;
  const roundTrips = median(ours.map((turn) => turn.roundTrips));
  return [...figures, {
    name: `${name}: upstream round trips a message`,
    goal: "2",
    measured: shown(roundTrips),
    // The first message of each mailbox signs in.
    reached: roundTrips < 2.1,
  }];
}

function describe({ name }: Load, turns: Turns): Table {
  const head = [
    "",
    "messages/s",
    "MB/s",
    "median ms",
    "p95",
    "p99",
    "CPU µs a message",
    "round trips",
  ];
  const rows = [...turns].map(([candidate, list]) => {
    const middle = (value: (turn: Turn) => number) => shown(median(list.map(value)));
    return [
      candidate,
      middle((turn) => turn.messagesPerSecond),
      middle((turn) => turn.megabytesPerSecond),
      middle((turn) => turn.latencyMs.median),
      middle((turn) => turn.latencyMs.p95),
      middle((turn) => turn.latencyMs.p99),
      middle((turn) => turn.cpuMicroseconds),
      middle((turn) => turn.roundTrips),
    ];
  });
  return { title: name, rows: [head, ...rows] };
}

/**
 * A crowd on one machine: attackers who hold connections, clients that do nothing, and among them clients that send. Do those
 * notice? Does the program keep its memory, and give everything back? See README.md beside this file.
 *
 * @module
 */
import { parseArgs } from "node:util";
import type { LoadResult } from "./load.ts";
import type { Proxy } from "./participants.ts";
import { sleep } from "./process.ts";
import { type Figure, formatReport, shown } from "./report.ts";
import { DRIPS, SlowLoris } from "./slow_loris.ts";
import { median } from "./statistics.ts";
import { Testbed } from "./testbed.ts";

/** So many mailboxes that no client has to wait for another of the same mailbox. */
const PERSON_COUNT = 100;
/** Sockets upstream, files, and what else is open. */
const OTHER_DESCRIPTORS = 1_000;
const MEBIBYTE = 2 ** 20;
const SAMPLE_MS = 1_000;
const BASELINE_SECONDS = 20;
/** Idle clients are cut after five minutes (RFC 5321 section 4.5.3.2.7): the soak has to be over by then. */
const SECONDS = { least: 20, most: 200 };
/** The program's deadline before authentication, and a moment for its clock and a busy machine. */
const LOGIN_TIMEOUT_S = 60;
const LOGIN_SLACK_S = 5;
const RETURN_TIMEOUT_MS = 30_000;
const GOALS = { medianRatio: 1.5, p95Ratio: 2, growthMebibytes: 16, descriptors: 16 };

const USAGE = `Usage: soak.ts [options]

  --seconds N   how long the crowd stays, ${SECONDS.least} to ${SECONDS.most} (default 120)
  --slow N      slow attackers: half before the login, half in the TLS handshake (default 1000)
  --idle N      clients that are logged in and idle (default 2000)
  --active N    clients that send (default 200)
  --replicas N  instead of all this: N replicas on one PostgreSQL; they are killed and stopped, it restarts and fails over
`;

interface Crowd {
  readonly seconds: number;
  readonly slow: number;
  readonly idle: number;
  readonly active: number;
  /** 0: this crowd at one server. */
  readonly replicas: number;
}

/** Measurements of the clients that send. */
interface Experience {
  /** On connections that stay open. */
  readonly open: LoadResult;
  /** Of one client that connects and logs in for each message. */
  readonly anew: LoadResult;
}

async function main(args: readonly string[]): Promise<number> {
  const crowd = parseCrowd(args);
  if (crowd === undefined) {
    console.error(USAGE);
    return args.includes("--help") ? 0 : 64;
  }
  if (crowd.replicas > 0) {
    const { soakReplicas } = await import("./soak_replicas.ts");
    return await soakReplicas(crowd.replicas, crowd.seconds);
  }
  const needed = crowd.slow + crowd.idle + crowd.active + OTHER_DESCRIPTORS;
  const allowed = descriptorLimit();
  if (allowed < needed) {
    console.error(
      `This needs ${needed} open files, and only ${allowed} are allowed. Try: ulimit -n ${needed}`,
    );
    return 69;
  }
  await using testbed = await Testbed.create(PERSON_COUNT);
  testbed.cleanUpOnInterrupt();
  const figures = await soak(testbed, crowd);
  console.log(formatReport([{ figures }]));
  const failed = figures.filter(({ reached }) => reached === false);
  for (const { name } of failed) console.log(`NOT REACHED: ${name}`);
  if (failed.length === 0) console.log("All goals are reached.");
  return failed.length === 0 ? 0 : 1;
}

function parseCrowd(args: readonly string[]): Crowd | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string", default: "120" },
      slow: { type: "string", default: "1000" },
      idle: { type: "string", default: "2000" },
      active: { type: "string", default: "200" },
      replicas: { type: "string", default: "0" },
      help: { type: "boolean", default: false },
    },
  });
  const { seconds, slow, idle, active, replicas } = values;
  const crowd = {
    seconds: +seconds,
    slow: +slow,
    idle: +idle,
    active: +active,
    replicas: +replicas,
  };
  const valid = !values.help && Object.values(crowd).every(Number.isInteger) && crowd.active > 0 &&
    crowd.seconds >= SECONDS.least && crowd.seconds <= SECONDS.most;
  return valid ? crowd : undefined;
}

/** Files that a process may have open: what `ulimit -n` tells. */
function descriptorLimit(): number {
  const [, limit] = /^Max open files +(\d+)/m.exec(Deno.readTextFileSync("/proc/self/limits")) ??
    [];
  return Number(limit ?? Infinity);
}

async function soak(testbed: Testbed, crowd: Crowd): Promise<Figure[]> {
  await using sink = await testbed.startSink();
  await using proxy = await testbed.startProxy(sink);
  say("without the crowd");
  // A busy server has its code compiled and its heap grown already.
  await measure(testbed, proxy, crowd.active, 2);
  const alone = await measure(testbed, proxy, crowd.active, BASELINE_SECONDS);
  const descriptorsBefore = proxy.descriptorCount;

  const samples: number[] = [];
  let among: Experience;
  let attackers: { cutCount: number; heldCount: number; longestMs: number };
  {
    say(`${crowd.slow} slow attackers and ${crowd.idle} idle clients arrive`);
    await using idle = testbed.startIdleClients(proxy.ports.plain, "none");
    await idle.add(crowd.idle);
    using slow = new SlowLoris();
    await slow.add(Math.ceil(crowd.slow / 2), proxy.ports.plain, DRIPS.login);
    await slow.add(Math.floor(crowd.slow / 2), proxy.ports.tls, DRIPS.handshake);
    say(`${crowd.active} clients send for ${crowd.seconds} s`);
    const sampler = setInterval(() => samples.push(proxy.residentOctets / MEBIBYTE), SAMPLE_MS);
    among = await measure(testbed, proxy, crowd.active, crowd.seconds);
    clearInterval(sampler);
    const { lifetimesMs, heldCount, longestMs } = slow;
    attackers = { cutCount: lifetimesMs.length, heldCount, longestMs };
  }
  say("the crowd leaves");
  const returned = await descriptorsReturn(proxy, descriptorsBefore + GOALS.descriptors);
  return [
    ...latencyFigures(alone, among),
    ...attackerFigures(crowd, attackers),
    ...memoryFigures(samples),
    {
      name: "open files and sockets, before and after",
      goal: `at most ${GOALS.descriptors} more`,
      measured: `${descriptorsBefore}, ${returned}`,
      reached: returned <= descriptorsBefore + GOALS.descriptors,
    },
  ];
}

async function measure(
  testbed: Testbed,
  proxy: Proxy,
  clientCount: number,
  seconds: number,
): Promise<Experience> {
  const time = ["--seconds", `${seconds}`];
  const [open, anew] = await Promise.all([
    testbed.load(proxy.ports.plain, "--reuse", "--clients", `${clientCount}`, ...time),
    testbed.load(proxy.ports.plain, "--clients", "1", ...time),
  ]);
  return { open, anew };
}

function latencyFigures(alone: Experience, among: Experience): Figure[] {
  const kinds = [["open", "open connections"], ["anew", "a new connection each"]] as const;
  return kinds.flatMap(([kind, name]) => {
    const [before, now] = [alone[kind], among[kind]];
    return [
      {
        name: `messages on ${name}, in a second, without and with the crowd`,
        goal: "",
        measured: `${shown(before.messagesPerSecond)}, ${shown(now.messagesPerSecond)}`,
      },
      compared(`median latency on ${name}`, before, now, "median", GOALS.medianRatio),
      compared(`95th percentile on ${name}`, before, now, "p95", GOALS.p95Ratio),
    ];
  });
}

function compared(
  name: string,
  before: LoadResult,
  now: LoadResult,
  quantile: "median" | "p95",
  goal: number,
): Figure {
  const [beforeMs, nowMs] = [before.latencyMs[quantile], now.latencyMs[quantile]];
  const ratio = nowMs / beforeMs;
  return {
    name,
    goal: `at most ${goal} ×`,
    measured: `${shown(ratio)} × (${shown(beforeMs)} to ${shown(nowMs)} ms)`,
    reached: ratio <= goal,
  };
}

function attackerFigures(
  { slow }: Crowd,
  { cutCount, heldCount, longestMs }: { cutCount: number; heldCount: number; longestMs: number },
): Figure[] {
  const deadlineS = LOGIN_TIMEOUT_S + LOGIN_SLACK_S;
  return [
    { name: "slow attackers at the end", goal: `${slow}`, measured: `${heldCount}` },
    { name: "times that one was cut off", goal: "", measured: `${cutCount}` },
    {
      name: "longest connection of a slow attacker",
      goal: `at most ${deadlineS} s`,
      measured: `${shown(longestMs / 1000)} s`,
      reached: longestMs <= deadlineS * 1000,
    },
  ];
}

/** The beginning does not count: then the heap still grows to the size of the crowd. */
function memoryFigures(samples: readonly number[]): Figure[] {
  const quarter = Math.ceil(samples.length / 4);
  const second = median(samples.slice(quarter, 2 * quarter));
  const last = median(samples.slice(-quarter));
  return [
    {
      name: "resident memory, at its highest",
      goal: "",
      measured: `${shown(Math.max(...samples))} MiB`,
    },
    {
      name: "resident memory, from the second quarter of the time to the last",
      goal: `at most ${GOALS.growthMebibytes} MiB growth`,
      measured: `${shown(last - second)} MiB (${shown(second)} to ${shown(last)} MiB)`,
      reached: last - second <= GOALS.growthMebibytes,
    },
  ];
}

/** @returns how many are open when they are few enough, or when it has taken too long. */
async function descriptorsReturn(proxy: Proxy, enough: number): Promise<number> {
  const untilMs = performance.now() + RETURN_TIMEOUT_MS;
  while (proxy.descriptorCount > enough && performance.now() < untilMs) await sleep(SAMPLE_MS);
  return proxy.descriptorCount;
}

function say(what: string): void {
  console.error(`soak: ${what}`);
}

if (import.meta.main) Deno.exit(await main(Deno.args));

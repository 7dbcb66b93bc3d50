/**
 * The price of PostgreSQL for a login and for a message, against SQLite.
 *
 * @module
 */
import type { Cluster } from "../../test/postgres.ts";
import { openClient, type ServerAccess } from "../client.ts";
import type { Proxy } from "../participants.ts";
import { type Figure, shown } from "../report.ts";
import type { Effort } from "../scenario.ts";
import { median } from "../statistics.ts";
import type { Testbed } from "../testbed.ts";
import { copyPeople } from "./mailbox.ts";

const LOGINS_PER_TURN = 100;
const GOALS = { loginMs: 2, anewRatio: 0.6, openRatio: 0.9 };
const LOADS = {
  anew: [],
  open: ["--reuse", "--warm-up", "20"],
} as const;

export async function logins(
  testbed: Testbed,
  cluster: Cluster,
  { rounds, seconds }: Effort,
): Promise<Figure[]> {
  await using sink = await testbed.startFastSink();
  // Nothing may use the file while it is copied.
  const databaseUrl = await copyPeople(testbed, cluster);
  await using sqlite = await testbed.startProxy(sink);
  await using postgres = await testbed.startProxy(sink, { databaseUrl });
  const rateOf = async ({ ports }: Proxy, args: readonly string[]) =>
    (await testbed.loadFast(ports.plain, "--seconds", `${seconds}`, ...args)).messagesPerSecond;
  const ratioOf = async (args: readonly string[]) => {
    const ratios: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const base = await rateOf(sqlite, args);
      ratios.push(await rateOf(postgres, args) / base);
    }
    // In the first round, not everything is compiled yet.
    return median(ratios.slice(1));
  };
  const [anew, open] = [await ratioOf(LOADS.anew), await ratioOf(LOADS.open)];
  const times = { sqlite: [] as number[], postgres: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.sqlite.push(...await timeLogins(testbed, sqlite));
    times.postgres.push(...await timeLogins(testbed, postgres));
  }
  const [before, after] = [median(times.sqlite), median(times.postgres)];
  return [
    {
      name: "a login, PostgreSQL against SQLite, median",
      goal: `at most ${GOALS.loginMs} ms more`,
      measured: `${shown(after - before)} ms more (${shown(before)} to ${shown(after)} ms)`,
      reached: after - before <= GOALS.loginMs,
    },
    {
      name: "messages with a login each, PostgreSQL against SQLite",
      goal: `at least ${GOALS.anewRatio} ×`,
      measured: `${shown(anew)} ×`,
      reached: anew >= GOALS.anewRatio,
    },
    {
      name: "messages on open connections, PostgreSQL against SQLite",
      goal: `equal: at least ${GOALS.openRatio} ×`,
      measured: `${shown(open)} ×`,
      reached: open >= GOALS.openRatio,
    },
  ];
}

async function timeLogins(testbed: Testbed, { ports }: Proxy): Promise<number[]> {
  const access: ServerAccess = {
    ...{ host: "127.0.0.1", port: ports.plain, tls: "none", mechanism: "PLAIN" },
  };
  const times: number[] = [];
  for (let count = 0; count < LOGINS_PER_TURN; count++) {
    const startedMs = performance.now();
    const client = await openClient(access, testbed.people[count % testbed.people.length]!);
    times.push(performance.now() - startedMs);
    await client.quit();
  }
  return times;
}

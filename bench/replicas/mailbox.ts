/**
 * The connections of one mailbox, shared by three replicas.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { copyToPostgres } from "../../lib/store/mod.ts";
import { type Cluster, databaseConfig } from "../../test/postgres.ts";
import { ReplicasLoad } from "../../test/replicas/load.ts";
import { eventually, type Replica, ReplicasTestbed } from "../../test/replicas/testbed.ts";
import { NORA } from "../../test/testbed.ts";
import type { Proxy } from "../participants.ts";
import { type Figure, shown } from "../report.ts";
import type { Effort } from "../scenario.ts";
import { median } from "../statistics.ts";
import type { Testbed } from "../testbed.ts";

const DELAY_MS = 20;
const CLIENT_COUNT = 51;
const REPLICA_COUNT = 3;
const ROUNDS = 3;
const SECONDS = 5;
const GOALS = { ratio: 0.95, starvedMs: 7_000, deadMs: 6_000 };
const MESSAGE = Buffer.from("Subject: x\r\n\r\nText\r\n");

/** Moves the people of the benchmark to PostgreSQL. Returns the address of the database. */
export async function copyPeople(testbed: Testbed, cluster: Cluster): Promise<string> {
  const url = cluster.url(await cluster.createDatabase());
  await copyToPostgres(testbed.path("db.sqlite"), databaseConfig(url));
  return url;
}

/** Many clients of one mailbox, with replies that take 20 ms: one process against three. */
export async function oneMailbox(
  testbed: Testbed,
  cluster: Cluster,
  { rounds }: Effort,
): Promise<Figure[]> {
  await using sink = await testbed.startSink();
  await sink.set({ delayMs: DELAY_MS });
  await Deno.writeTextFile(testbed.path("one.json"), JSON.stringify([testbed.people[0]]));
  const options = ["--people", testbed.path("one.json"), "--reuse", "--seconds", `${SECONDS}`];
  const measure = async (proxies: readonly Proxy[]) => {
    const clients = ["--clients", `${CLIENT_COUNT / proxies.length}`];
    const results = await Promise.all(
      proxies.map(({ ports }) => testbed.load(ports.plain, ...options, ...clients)),
    );
    return results.reduce((sum, { messagesPerSecond }) => sum + messagesPerSecond, 0);
  };
  const databaseUrl = await copyPeople(testbed, cluster);
  const start = () => testbed.startProxy(sink, { databaseUrl });
  const rates = { one: [] as number[], several: [] as number[] };
  for (let round = 0; round < Math.min(rounds, ROUNDS); round++) {
    {
      await using alone = await testbed.startProxy(sink);
      rates.one.push(await measure([alone]));
    }
    await using stack = new AsyncDisposableStack();
    const proxies: Proxy[] = [];
    for (let count = 0; count < REPLICA_COUNT; count++) proxies.push(stack.use(await start()));
    rates.several.push(await measure(proxies));
  }
  const ratio = median(rates.several.map((rate, round) => rate / rates.one[round]!));
  const counts = `${shown(median(rates.one))} to ${shown(median(rates.several))} messages/s`;
  return [{
    name: `one mailbox, ${DELAY_MS} ms a reply: ${REPLICA_COUNT} replicas against one process`,
    goal: `at least ${GOALS.ratio} ×`,
    measured: `${shown(ratio)} × (${counts})`,
    reached: ratio >= GOALS.ratio,
  }];
}

/** A replica that comes late to a busy mailbox, and one that is killed with all slots. */
export async function handedOver(cluster: Cluster): Promise<Figure[]> {
  await using bed = await ReplicasTestbed.open(cluster);
  const login = await bed.signIn();
  const [busy, late, third] = await bed.serve(3) as [Replica, Replica, Replica];
  const load = new ReplicasLoad(() => busy.ports.smtp, login);
  const running = load.run(12);
  const slots = async () => {
    const sql = "SELECT holder, count(*)::int AS n FROM mailbox_slots GROUP BY holder";
    return (await cluster.query(bed.database, sql)) as { holder: string; n: number }[];
  };
  const hasAll = async () => (await slots()).some(({ n }) => n === 3);
  await eventually("one replica has all slots", hasAll);
  const starvedMs = await timeOf(() => sendOne(late, login));
  load.stop();
  await running;

  const again = new ReplicasLoad(() => late.ports.smtp, login);
  const ended = again.run(12);
  await eventually("one replica has all slots", hasAll);
  const { holder } = (await slots())[0]!;
  again.stop();
  await late.program.kill();
  await ended;
  const next = new ReplicasLoad(() => third.ports.smtp, login);
  const nextEnded = next.run(12);
  const deadMs = await timeOf(() =>
    eventually(
      "the next one has all slots",
      async () => (await slots()).some((row) => row.n === 3 && row.holder !== holder),
    )
  );
  next.stop();
  await nextEnded;
  return [
    {
      name: "a replica without a connection, while another one is busy with all: first message",
      goal: `at most ${GOALS.starvedMs / 1000} s`,
      measured: `${shown(starvedMs / 1000)} s`,
      reached: starvedMs <= GOALS.starvedMs,
    },
    {
      name: "a replica killed with all connections of a mailbox: another one has them after",
      goal: `at most ${GOALS.deadMs / 1000} s`,
      measured: `${shown(deadMs / 1000)} s`,
      reached: deadMs <= GOALS.deadMs,
    },
  ];
}

async function sendOne(replica: Replica, login: Parameters<Replica["logIn"]>[0]): Promise<void> {
  using client = await replica.logIn(login);
  await client.envelope(NORA, ["a@example.com"]);
  const reply = await client.data(MESSAGE);
  if (!reply.startsWith("250")) throw new Error(reply);
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

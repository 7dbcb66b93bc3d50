/**
 * Replicas under load while they are killed and stopped one after the other, and while their database restarts, crashes, and
 * fails over to a standby: is anything lost that was acknowledged, and does the mailbox ever get more connections than its
 * limit? Needs PostgreSQL.
 *
 * @module
 */
import { Cluster } from "../test/postgres.ts";
import { ReplicasLoad } from "../test/replicas/load.ts";
import { type Replica, ReplicasTestbed } from "../test/replicas/testbed.ts";
import { TcpProxy } from "../test/tcp_proxy.ts";
import { sleep } from "./process.ts";
import { formatReport } from "./report.ts";
import { median } from "./statistics.ts";

/** Microsoft's, and the program's default. */
const LIMIT = 3;
const CLIENTS_PER_REPLICA = 10;

/** Accidents, in the order in which they happen, at equal intervals. */
const ACCIDENTS = [
  "kill",
  "restart",
  "stop",
  "kill",
  "crash",
  "kill",
  "failover",
  "kill",
  "stop",
] as const;

/** Runs the soak, prints its figures, and returns the exit code. */
export async function soakReplicas(count: number, seconds: number): Promise<number> {
  await using primary = await Cluster.start();
  await using standby = await primary.standby();
  await using bed = await ReplicasTestbed.open(primary);
  await using proxy = await TcpProxy.start(primary.port);
  const login = await bed.signIn();
  const settings = { DATABASE_URL: primary.url(bed.database, proxy.port) };
  const replicas: Replica[] = await bed.serve(count, settings);
  let next = 0;
  const port = () => replicas[next++ % replicas.length]!.ports.smtp;
  const load = new ReplicasLoad(port, login);
  const running = load.run(CLIENTS_PER_REPLICA * count);

  const accidents: Record<typeof ACCIDENTS[number], () => Promise<void>> = {
    kill: () => replace((victim) => victim.program.kill()),
    stop: () => replace(async (victim) => void await victim.program.stop()),
    restart: () => interrupt("fast"),
    crash: () => interrupt("immediate"),
    async failover() {
      await primary.stop("immediate");
      await standby.promote();
      proxy.target = standby.port;
      bed.cluster = standby;
    },
  };
  async function replace(end: (victim: Replica) => Promise<void>) {
    await end(replicas.shift()!);
    replicas.push(await bed.serveOne(settings));
  }
  async function interrupt(how: "fast" | "immediate") {
    await primary.stop(how);
    await primary.restart();
  }

  for (const accident of ACCIDENTS) {
    await sleep(seconds * 1000 / (ACCIDENTS.length + 1));
    console.error(`soak: ${accident}`);
    await accidents[accident]();
  }
  await sleep(seconds * 1000 / (ACCIDENTS.length + 1));
  load.stop();
  await running;
  const { store, mostSessions } = bed.bed.simulation.submissionServer;
  const missing = load.missing(store.messages).length;
  const permanent = load.failures.filter((failure) => failure.startsWith("5"));
  const figures = [
    {
      name: `connections of one mailbox, ${count} replicas, at their most`,
      goal: `at most ${LIMIT}`,
      measured: `${mostSessions}`,
      reached: mostSessions <= LIMIT,
    },
    {
      name: `acknowledged messages that are missing, of ${load.acknowledged.size}`,
      goal: "0",
      measured: `${missing}`,
      reached: missing === 0,
    },
    {
      name: "permanent refusals (5xx)",
      goal: "0",
      measured: `${permanent.length}`,
      reached: permanent.length === 0,
    },
    {
      name: "connections that ended, or were refused for now",
      goal: "",
      measured: `${load.failures.length}`,
    },
    {
      name: "median of a message",
      goal: "",
      measured: `${Math.round(median(load.durationsMs))} ms`,
    },
  ];
  console.log(formatReport([{ figures }]));
  return figures.every(({ reached }) => reached !== false) ? 0 : 1;
}

/**
 * Replicas under load while one after the other is killed, and the database crashes in the middle: is anything lost that was
 * acknowledged, and does the mailbox ever get more connections than its limit? Needs PostgreSQL.
 *
 * @module
 */
import { Cluster } from "../test/postgres.ts";
import { ReplicasLoad } from "../test/replicas_load.ts";
import { type Replica, ReplicasTestbed } from "../test/replicas_testbed.ts";
import { sleep } from "./process.ts";
import { median } from "./statistics.ts";

/** Microsoft's, and the program's default. */
const LIMIT = 3;
const KILL_INTERVAL_MS = 5_000;
const CLIENTS_PER_REPLICA = 10;

/** Runs the soak, prints its figures, and returns the exit code. */
export async function soakReplicas(count: number, seconds: number): Promise<number> {
  await using cluster = await Cluster.start();
  await using bed = await ReplicasTestbed.open(cluster);
  const login = await bed.signIn();
  const replicas: Replica[] = await bed.serve(count);
  let next = 0;
  const port = () => replicas[next++ % replicas.length]!.ports.smtp;
  const load = new ReplicasLoad(port, login);
  const running = load.run(CLIENTS_PER_REPLICA * count);
  const endMs = performance.now() + seconds * 1000;
  for (let round = 1; performance.now() < endMs; round++) {
    await sleep(KILL_INTERVAL_MS);
    const victim = replicas.shift()!;
    await victim.program.kill();
    if (round % 4 === 2) {
      await cluster.stop("immediate");
      await cluster.restart();
    }
    replicas.push(await bed.serveOne());
  }
  load.stop();
  await running;
  const { store, mostSessions } = bed.bed.simulation.submissionServer;
  const missing = load.missing(store.messages).length;
  const figures = {
    replicas: count,
    acknowledged: load.acknowledged.size,
    missing,
    "messages a second": Math.round(load.acknowledged.size / seconds),
    "median ms a message": Math.round(median(load.durationsMs)),
    "most connections of the mailbox": mostSessions,
  };
  console.table(figures);
  return missing === 0 && mostSessions <= LIMIT ? 0 : 1;
}

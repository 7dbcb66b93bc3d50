/** Accidents under load, in short. `deno task soak --replicas 4` has more of them, for longer. */
import assert from "node:assert/strict";
import { Cluster, needsPostgres, sharedCluster } from "../postgres.ts";
import { ReplicasLoad } from "./load.ts";
import { eventually, ReplicasTestbed } from "./testbed.ts";
import { TcpProxy } from "../tcp_proxy.ts";

const cluster = await sharedCluster();

/** Waits until each load has sent so many more messages. */
async function flow(loads: readonly ReplicasLoad[], count: number): Promise<void> {
  const goals = loads.map(({ acknowledged }) => acknowledged.size + count);
  await eventually(
    "messages flow",
    () => loads.every(({ acknowledged }, index) => acknowledged.size >= goals[index]!),
  );
}

Deno.test({
  name:
    "R4: a kill shows on other replicas to nobody, and a stop to its own clients as 421; nothing acknowledged is missing",
  ...needsPostgres,
  async fn() {
    await using bed = await ReplicasTestbed.open(cluster!);
    const login = await bed.signIn();
    const replicas = await bed.serve(3);
    const loads = replicas.map(({ ports }) => new ReplicasLoad(() => ports.smtp, login));
    const running = Promise.all(loads.map((load) => load.run(2)));
    const [killed, stopped, other] = loads as [ReplicasLoad, ReplicasLoad, ReplicasLoad];
    await flow(loads, 10);
    await replicas[0]!.program.kill();
    await flow([stopped, other], 10);
    assert.deepEqual(stopped.failures, []);
    await replicas[1]!.program.stop();
    await flow([other], 10);
    for (const load of loads) load.stop();
    await running;
    assert.deepEqual(other.failures, []);
    for (const failure of stopped.failures) assert.match(failure, /^421 |refused/i);
    const { store, mostSessions } = bed.bed.simulation.submissionServer;
    for (const load of [killed, stopped, other]) assert.deepEqual(load.missing(store.messages), []);
    assert.ok(mostSessions <= 3, `${mostSessions} at once`);
  },
});

Deno.test({
  name: "R4: a failover of the database to its standby stops no known sender, and loses no row",
  ...needsPostgres,
  async fn() {
    await using primary = await Cluster.start();
    await using standby = await primary.standby();
    await using bed = await ReplicasTestbed.open(primary);
    await using proxy = await TcpProxy.start(primary.port);
    const login = await bed.signIn();
    const settings = { DATABASE_URL: primary.url(bed.database, proxy.port) };
    const replicas = await bed.serve(2, settings);
    // Each message has a login of its own.
    const loads = replicas.map(({ ports }) => new ReplicasLoad(() => ports.smtp, login, 1));
    const running = Promise.all(loads.map((load) => load.run(2)));
    await flow(loads, 5);
    await primary.stop("immediate");
    await flow(loads, 5);
    await standby.promote();
    proxy.target = standby.port;
    bed.cluster = standby;
    for (const replica of replicas) {
      const isReady = async () => (await replica.ready()).content.status === "ready";
      await eventually("ready", isReady);
    }
    await flow(loads, 5);
    for (const load of loads) load.stop();
    await running;
    for (const load of loads) assert.deepEqual(load.failures, []);
    const { store, mostSessions } = bed.bed.simulation.submissionServer;
    assert.ok(mostSessions <= 3, `${mostSessions} at once`);
    await eventually("all rows", async () => {
      const sql = "SELECT count(*)::int AS n FROM deliveries WHERE stage = 'data'";
      return (await standby.query(bed.database, sql))[0]!.n === store.received;
    });
  },
});

/** Outages of the database under the real program: it is stopped, crashes, refuses, or says nothing. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { SmtpLogin } from "../../tools/smtp_client.ts";
import { Cluster, needsPostgres, sharedCluster } from "../postgres.ts";
import { eventually, type Replica, ReplicasTestbed } from "./testbed.ts";
import { TcpProxy } from "../tcp_proxy.ts";
import { NORA } from "../testbed.ts";

const cluster = await sharedCluster();
const MESSAGE = Buffer.from("Subject: x\r\n\r\nText\r\n");

/** Registers a test with a database of its own, behind a proxy that can fail. */
function outageTest(
  name: string,
  test: (bed: ReplicasTestbed, proxy: TcpProxy, login: SmtpLogin) => Promise<void>,
): void {
  Deno.test({
    name,
    ...needsPostgres,
    async fn() {
      await using bed = await ReplicasTestbed.open(cluster!);
      const login = await bed.signIn();
      await using proxy = await TcpProxy.start(cluster!.port);
      await test(bed, proxy, login);
      await proxy.pass();
    },
  });
}

async function send(replica: Replica, login: SmtpLogin): Promise<void> {
  using client = await replica.logIn(login);
  await client.envelope(NORA, ["a@example.com"]);
  assert.match(await client.data(MESSAGE), /^250 /);
}

function deliveryCount({ cluster, database }: ReplicasTestbed): Promise<number> {
  return cluster.query(database, "SELECT count(*)::int AS n FROM deliveries WHERE stage = 'data'")
    .then(([row]) => row!.n as number);
}

const UNKNOWN = { username: NORA, password: "2222-2222-2222-2222" };

outageTest(
  "R4: while the database refuses, known senders go on, unknown ones get 454, and no row is lost",
  async (bed, proxy, login) => {
    const replica = await bed.serveOne({ DATABASE_URL: bed.cluster.url(bed.database, proxy.port) });
    await send(replica, login);
    await proxy.refuse();
    for (let count = 0; count < 5; count++) await send(replica, login);
    assert.match(await replica.tryLogin(UNKNOWN), /^454 /);
    await eventually("degraded", async () => (await replica.ready()).content.status === "degraded");
    assert.equal((await replica.ready()).status, 200);
    await proxy.pass();
    await eventually("ready", async () => (await replica.ready()).content.status === "ready");
    await eventually("six rows", async () => await deliveryCount(bed) === 6);
    assert.match(await replica.tryLogin(UNKNOWN), /^535 /);
    assert.doesNotMatch(replica.program.log, /secret-of-the-database/);
  },
);

outageTest(
  "R4: a database that says nothing delays the first logins alone",
  async (bed, proxy, login) => {
    const replica = await bed.serveOne({ DATABASE_URL: bed.cluster.url(bed.database, proxy.port) });
    await send(replica, login);
    proxy.swallow();
    const times: number[] = [];
    for (let count = 0; count < 4; count++) {
      const startMs = performance.now();
      await send(replica, login);
      times.push(performance.now() - startMs);
    }
    assert.ok(times[0]! < 4_500, `the first: ${times[0]} ms`);
    assert.ok(times.slice(1).every((ms) => ms < 1_500), `the others: ${times} ms`);
    assert.match(await replica.tryLogin(UNKNOWN), /^454 /);
    await proxy.pass();
    await eventually("five rows", async () => await deliveryCount(bed) === 5);
  },
);

outageTest(
  "R4: a replica that is cut off alone uses one connection of a mailbox more than the limit at most",
  async (bed, proxy, login) => {
    const url = bed.cluster.url(bed.database, proxy.port);
    const alone = await bed.serveOne({ DATABASE_URL: url });
    const [other] = await bed.serve(1);
    await send(alone, login);
    await proxy.refuse();
    const load = async (replica: Replica) => {
      using client = await replica.logIn(login);
      const endMs = performance.now() + 8_000;
      while (performance.now() < endMs) {
        await client.envelope(NORA, ["a@example.com"]);
        assert.match(await client.data(MESSAGE), /^250 /);
      }
    };
    await Promise.all([alone, alone, other!, other!, other!, other!].map(load));
    const { mostSessions } = bed.bed.simulation.submissionServer;
    assert.ok(mostSessions <= 4, `${mostSessions} at once`);
    await proxy.pass();
    await eventually("ready", async () => (await alone.ready()).content.status === "ready");
    await alone.program.logs(/the database is back/);
  },
);

Deno.test({
  name: "R4: a crash and a restart of the database stop no known sender, and lose no row",
  ...needsPostgres,
  async fn() {
    await using own = await Cluster.start();
    await using bed = await ReplicasTestbed.open(own);
    const login = await bed.signIn();
    const replicas = await bed.serve(2);
    for (const replica of replicas) await send(replica, login);
    for (const how of ["immediate", "fast"] as const) {
      await bed.cluster.stop(how);
      for (const replica of replicas) await send(replica, login);
      await bed.cluster.restart();
      await Promise.all([...replicas, ...replicas].map((replica) => send(replica, login)));
    }
    await eventually("all rows", async () => await deliveryCount(bed) === 14);
    assert.ok(bed.bed.simulation.submissionServer.mostSessions <= 3);
  },
});

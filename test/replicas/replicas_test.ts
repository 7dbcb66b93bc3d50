/** Several replicas of the real program on one PostgreSQL. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { needsPostgres, sharedCluster } from "../postgres.ts";
import { eventually, ReplicasTestbed } from "./testbed.ts";
import { NORA } from "../testbed.ts";

const cluster = await sharedCluster();

/** Registers a test with a database of its own. */
function replicasTest(name: string, test: (bed: ReplicasTestbed) => Promise<void>): void {
  Deno.test({
    name,
    ...needsPostgres,
    async fn() {
      await using bed = await ReplicasTestbed.open(cluster!);
      await test(bed);
    },
  });
}

const MESSAGE = Buffer.from("Subject: x\r\n\r\nText\r\n");

replicasTest(
  "R3: many logins on all replicas with one expired token make one request",
  async (replicas) => {
    const login = await replicas.signIn();
    await replicas.expireToken();
    const before = replicas.bed.simulation.identityProvider.tokenRequests;
    const started = await replicas.serve(3);
    const logins = Array.from({ length: 90 }, (_, index) => started[index % 3]!.tryLogin(login));
    for (const reply of await Promise.all(logins)) assert.match(reply, /^235 /);
    assert.equal(replicas.bed.simulation.identityProvider.tokenRequests - before, 1);
  },
);

replicasTest(
  "R3: all replicas together open no more connections of a mailbox than its limit",
  async (replicas) => {
    const login = await replicas.signIn();
    const started = await replicas.serve(3);
    const { submissionServer } = replicas.bed.simulation;
    const send = async (index: number) => {
      using client = await started[index % 3]!.logIn(login);
      for (let count = 0; count < 10; count++) {
        await client.envelope(NORA, ["a@example.com"]);
        assert.match(await client.data(MESSAGE), /^250 /);
      }
    };
    await Promise.all(Array.from({ length: 18 }, (_, index) => send(index)));
    assert.equal(submissionServer.store.received, 180);
    assert.ok(submissionServer.mostSessions <= 3, `${submissionServer.mostSessions} at once`);
  },
);

replicasTest(
  "R3: a revocation on one replica ends the sessions on the others",
  async (replicas) => {
    const login = await replicas.signIn();
    const started = await replicas.serve(2);
    const clients = await Promise.all(started.map((replica) => replica.logIn(login)));
    const [password] = await replicas.bed.json("account", "password", "list", NORA);
    await replicas.bed.json("account", "password", "revoke", NORA, password.id);
    for (const client of clients) assert.match(await client.reply(), /^421 /);
    for (const replica of started) assert.match(await replica.tryLogin(login), /^535 /);
  },
);

replicasTest(
  "R5: a replica that was killed is gone from the list, and its slots are free",
  async (replicas) => {
    const login = await replicas.signIn();
    const [first, second] = await replicas.serve(2);
    using _held = await first!.logIn(login);
    await first!.program.kill();
    using client = await second!.logIn(login);
    await client.envelope(NORA, ["a@example.com"]);
    assert.match(await client.data(MESSAGE), /^250 /);
    const living = async () =>
      await replicas.cluster.query(
        replicas.database,
        "SELECT id FROM replicas WHERE seen_at > clock_timestamp() - interval '5 s'",
      );
    await eventually("one replica lives", async () => (await living()).length === 1);
  },
);

/** Figures of several replicas that are counts, not times: requests, statements, rows, connections. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { SmtpLogin } from "../../tools/smtp_client.ts";
import { Cluster, needsPostgres, needsStatistics, sharedCluster } from "../postgres.ts";
import { needsPooler, startPooler } from "./helpers.ts";
import { eventually, ReplicasTestbed } from "./testbed.ts";
import { RunningProgram } from "../running_program.ts";
import { NORA } from "../testbed.ts";

const cluster = await sharedCluster();
const MESSAGE = Buffer.from("Subject: x\r\n\r\nText\r\n");

/** 100 logins with one account, then some with 60, on three replicas. Counts the requests for tokens. */
async function countRenewals(bed: ReplicasTestbed): Promise<readonly [one: number, sixty: number]> {
  const { identityProvider } = bed.bed.simulation;
  const logIn = async (logins: readonly SmtpLogin[], times: number) => {
    const before = identityProvider.tokenRequests;
    const replicas = await bed.serve(3, { SMTP_MAX_CONNECTIONS_PER_ADDRESS: "1000" });
    const replies = replicas.flatMap((replica) =>
      logins.flatMap((login) => Array.from({ length: times }, () => replica.tryLogin(login)))
    );
    for (const reply of await Promise.all(replies)) assert.match(reply, /^235 /);
    for (const { program } of replicas) await program.stop();
    return identityProvider.tokenRequests - before;
  };
  const one = await logIn(await bed.addPeople([NORA]), 100);
  const sixty = Array.from({ length: 60 }, (_, index) => `person${index}@outlook.example`);
  return [one, await logIn(await bed.addPeople(sixty), 1)];
}

Deno.test({
  name: "R3: on 3 replicas, 100 logins each with one expired token make 1 request, 60 accounts 60",
  ...needsPostgres,
  async fn() {
    await using bed = await ReplicasTestbed.open(cluster!);
    assert.deepEqual(await countRenewals(bed), [1, 60]);
  },
});

Deno.test({
  name: "R3: the same counts through PgBouncer",
  ...needsPooler,
  async fn() {
    await using bed = await ReplicasTestbed.open(cluster!);
    await using pooler = await startPooler(cluster!);
    bed.bed.environment.DATABASE_URL = cluster!.url(bed.database, pooler.ports.smtp);
    assert.deepEqual(await countRenewals(bed), [1, 60]);
  },
});

Deno.test({
  name: "R3: when the replica that renews a token is killed, one of the others does it, once",
  ...needsPostgres,
  async fn() {
    await using bed = await ReplicasTestbed.open(cluster!);
    const [login] = await bed.addPeople([NORA]);
    const { identityProvider } = bed.bed.simulation;
    identityProvider.faults.token = { kind: "hang" };
    const before = identityProvider.tokenRequests;
    const requests = () => identityProvider.tokenRequests - before;
    const holder = await bed.serveOne();
    const cutOff = holder.tryLogin(login!).catch(() => "cut off");
    await eventually("the holder asks", () => requests() === 1);
    const others = await bed.serve(2);
    identityProvider.faults.token = undefined;
    await holder.program.kill();
    assert.match(await cutOff, /^(cut off|454 )/);
    const succeeded = async () => {
      const replies = await Promise.all(others.map((replica) => replica.tryLogin(login!)));
      // A client that does not wait for long enough is told to come back, never that its password is wrong.
      for (const reply of replies) assert.match(reply, /^(235|454) /);
      return replies.every((reply) => reply.startsWith("235 "));
    };
    await eventually("the others have a token", succeeded);
    assert.equal(requests(), 2);
  },
});

Deno.test({
  name: "R1: 8 replicas start at once on an empty database",
  ...needsPostgres,
  async fn() {
    await using bed = await ReplicasTestbed.open(cluster!);
    const started = await Promise.all(Array.from({ length: 8 }, () => bed.serveOne()));
    for (const replica of started) assert.equal((await replica.ready()).status, 200);
    const living = await bed.cluster.query(bed.database, "SELECT count(*)::int AS n FROM replicas");
    assert.deepEqual(living, [{ n: 8 }]);
  },
});

Deno.test({
  name: "R3: a message on a warm connection costs no statement",
  ...needsStatistics,
  async fn() {
    await using own = await Cluster.start({ shared_preload_libraries: "pg_stat_statements" });
    await using bed = await ReplicasTestbed.open(own);
    await own.query(bed.database, "CREATE EXTENSION pg_stat_statements");
    const login = await bed.signIn();
    const [replica] = await bed.serve(2);
    using client = await replica!.logIn(login);
    const send = async () => {
      await client.envelope(NORA, ["a@example.com"]);
      assert.match(await client.data(MESSAGE), /^250 /);
    };
    await send();
    await own.query(bed.database, "SELECT pg_stat_statements_reset()");
    for (let count = 0; count < 300; count++) await send();
    // The heartbeat, once a second, and the batches of deliveries are far from that number.
    const often = await own.query(
      bed.database,
      "SELECT query, calls::int FROM pg_stat_statements WHERE calls >= 150",
    );
    assert.deepEqual(often, []);
    await eventually("all deliveries are recorded", async () => {
      const sql = "SELECT count(*)::int AS n FROM deliveries WHERE stage = 'data'";
      return (await own.query(bed.database, sql))[0]!.n === 301;
    });
  },
});

Deno.test({
  name: "R3: a login costs one statement",
  ...needsStatistics,
  async fn() {
    await using own = await Cluster.start({ shared_preload_libraries: "pg_stat_statements" });
    await using bed = await ReplicasTestbed.open(own);
    await own.query(bed.database, "CREATE EXTENSION pg_stat_statements");
    const login = await bed.signIn();
    const replica = await bed.serveOne();
    assert.match(await replica.tryLogin(login), /^235 /);
    await own.query(bed.database, "SELECT pg_stat_statements_reset()");
    for (let count = 0; count < 200; count++) {
      assert.match(await replica.tryLogin(login), /^235 /);
    }
    const often = await own.query(
      bed.database,
      "SELECT calls::int, query ~* '^\\s*SELECT' AS reads FROM pg_stat_statements WHERE calls >= 150",
    );
    assert.deepEqual(often, [{ calls: 200, reads: true }]);
  },
});

Deno.test({
  name: "R3: NUL in any text of a message, a login or a name keeps nothing back",
  ...needsPostgres,
  async fn() {
    await using bed = await ReplicasTestbed.open(cluster!);
    const login = await bed.signIn();
    const replica = await bed.serveOne();
    const [account] = await bed.bed.json("account", "list");
    await bed.bed.withServices(async ({ store, accounts, audit }) => {
      const nul = "a\0b";
      const { appPassword } = await accounts.createAppPassword(account.id, { name: "test" });
      await store.accounts.setShortName(account.id, nul);
      await store.deliveries.record({
        ...{
          stage: "data",
          atMs: Date.now(),
          accountId: account.id,
          appPasswordId: appPassword.id,
        },
        ...{ clientAddress: nul, sender: nul, originalSender: nul, originalFrom: nul },
        ...{ recipients: nul, refusedReply: nul, reply: nul, cause: nul, queueId: nul },
        ...{
          recipientCount: 1,
          refusedCount: 0,
          sizeOctets: 1,
          durationMs: 1,
          outcome: "accepted",
        },
      });
      await store.deliveries.recordRefusedLogin({
        ...{ accountId: account.id, atMs: Date.now(), outcome: "refused" },
        ...{ clientAddress: nul, reply: nul, cause: nul },
      });
      await audit.record(nul, "signed in", nul);
    });
    for (const username of ["a\0b", `${NORA}\0`]) {
      assert.match(await replica.tryLogin({ ...login, username }), /^5\d\d /);
    }
    using client = await replica.logIn(login);
    await client.envelope(NORA, ["a@example.com"]);
    await client.data(Buffer.from("Subject: a\0b\r\n\r\nText\0\r\n"));
    const rows = () => bed.cluster.query(bed.database, "SELECT count(*)::int AS n FROM deliveries");
    await eventually("all rows", async () => (await rows())[0]!.n === 3);
    await eventually("ready", async () => (await replica.ready()).content.status === "ready");
  },
});

Deno.test({
  name: "R1: no secret shows in errors or logs, whatever is wrong with the database",
  ...needsPostgres,
  async fn() {
    await using bed = await ReplicasTestbed.open(cluster!);
    const password = "secret-of-the-database";
    const url = (host: string, port: number, name = bed.database) =>
      `postgres://proxy:${password}@${host}:${port}/${name}`;
    const { port } = cluster!;
    const faults = [
      url("127.0.0.1", port, "absent"),
      url("127.0.0.1", 1),
      url("127.0.0.1:1", port),
      url("database.invalid", port),
      `postgres://proxy:${password}@`,
      `postgres://${password}`,
      `mysql://proxy:${password}@127.0.0.1/x`,
    ];
    for (const DATABASE_URL of faults) {
      const command = bed.bed.serveCommand({ DATABASE_URL });
      const { code, log } = await RunningProgram.toItsEnd(command);
      assert.notEqual(code, 0, DATABASE_URL);
      const check = await bed.bed.run(["check"], { DATABASE_URL });
      assert.notEqual(check.code, 0);
      for (const text of [log, check.output, check.errors]) {
        assert.doesNotMatch(text, new RegExp(password), DATABASE_URL);
        assert.doesNotMatch(text, new RegExp(bed.bed.environment.SESSION_SECRET!));
      }
    }
  },
});

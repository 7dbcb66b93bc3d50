/** Replicas behind HAProxy, with PgBouncer before the database. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { SmtpClient } from "../../tools/smtp_client.ts";
import { ReservedPorts } from "../ports.ts";
import { needsPostgres, sharedCluster } from "../postgres.ts";
import { ReplicasLoad } from "./load.ts";
import { needsBalancer, needsPooler, startBalancer, startPooler } from "./helpers.ts";
import { eventually, type Replica, ReplicasTestbed } from "./testbed.ts";
import { NORA } from "../testbed.ts";

const cluster = await sharedCluster();
const MESSAGE = Buffer.from("Subject: x\r\n\r\nText\r\n");

Deno.test({
  name: "R3: through PgBouncer one request renews a token, and a revocation shows on all replicas",
  ...needsPooler,
  async fn() {
    await using bed = await ReplicasTestbed.open(cluster!);
    await using pooler = await startPooler(cluster!);
    bed.bed.environment.DATABASE_URL = cluster!.url(bed.database, pooler.ports.smtp);
    const login = await bed.signIn();
    await bed.expireToken();
    const { identityProvider, submissionServer } = bed.bed.simulation;
    const before = identityProvider.tokenRequests;
    const replicas = await bed.serve(2);
    const logins = Array.from({ length: 60 }, (_, index) => replicas[index % 2]!.tryLogin(login));
    for (const reply of await Promise.all(logins)) assert.match(reply, /^235 /);
    assert.equal(identityProvider.tokenRequests - before, 1);
    const send = async (replica: Replica) => {
      using client = await replica.logIn(login);
      for (let count = 0; count < 5; count++) {
        await client.envelope(NORA, ["a@example.com"]);
        assert.match(await client.data(MESSAGE), /^250 /);
      }
    };
    await Promise.all([...replicas, ...replicas, ...replicas].map(send));
    assert.ok(submissionServer.mostSessions <= 3, `${submissionServer.mostSessions} at once`);

    const clients = await Promise.all(replicas.map((replica) => replica.logIn(login)));
    const [password] = await bed.bed.json("account", "password", "list", NORA);
    const startMs = performance.now();
    await bed.bed.json("account", "password", "revoke", NORA, password.id);
    for (const client of clients) assert.match(await client.reply(), /^421 /);
    assert.ok(performance.now() - startMs < 5_000);
  },
});

Deno.test({
  name:
    "R4: kill -9 of replicas behind HAProxy loses no acknowledged message, and the others go on",
  ...needsBalancer,
  async fn() {
    await using bed = await ReplicasTestbed.open(cluster!);
    const login = await bed.signIn();
    const settings = { SMTP_PROXY_PROTOCOL: "required", TRUST_PROXY: "loopback" };
    const replicas = await bed.serve(3, settings);
    await using balancer = await startBalancer(replicas);
    const load = new ReplicasLoad(() => balancer.ports.smtp, login);
    const running = load.run(6);
    for (const replica of replicas.slice(0, 2)) {
      const goal = load.acknowledged.size + 30;
      await eventually("messages flow", () => load.acknowledged.size >= goal);
      await replica.program.kill();
    }
    const goal = load.acknowledged.size + 60;
    await eventually("messages flow on", () => load.acknowledged.size >= goal);
    load.stop();
    await running;
    const { store, mostSessions } = bed.bed.simulation.submissionServer;
    assert.deepEqual(load.missing(store.messages), []);
    assert.ok(mostSessions <= 3, `${mostSessions} at once`);
  },
});

Deno.test({
  name: "R6: replicas on one machine share the SMTP ports",
  ignore: needsPostgres.ignore || Deno.build.os !== "linux",
  async fn() {
    await using bed = await ReplicasTestbed.open(cluster!);
    const login = await bed.signIn();
    using ports = ReservedPorts.reserve();
    const shared = {
      SMTP_REUSE_PORT: "on",
      SMTP_PORT: `${ports.smtp}`,
      SMTP_STARTTLS_PORT: `${ports.startTls}`,
      SMTP_TLS_PORT: "",
      SMTP_AUTOTLS_PORT: "",
    };
    const replicas = await bed.serve(2, shared);
    const counts = () => replicas.map(({ program }) => program.log.match(/ login /g)?.length ?? 0);
    await eventually("both serve clients", async () => {
      for (const port of [ports.smtp, ports.startTls]) {
        using client = await SmtpClient.connect({ port, ca: bed.bed.ca });
        await (port === ports.startTls ? client.startTls() : client.hello());
        assert.match(await client.authenticate(login), /^235 /);
      }
      return counts().every((count) => count > 1);
    });
    // Another program on the port is still noticed.
    const taken = bed.bed.serveCommand({ ...shared, SMTP_REUSE_PORT: "off" });
    assert.equal((await taken.output()).code, 69);
  },
});

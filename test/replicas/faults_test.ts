/** Replicas that stand still for a while, and browsers that are led to another one. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { ScriptedBrowser } from "../../tools/simulate/browser.ts";
import { needsPostgres, sharedCluster } from "../postgres.ts";
import { eventually, type Replica, ReplicasTestbed } from "./testbed.ts";
import { NORA } from "../testbed.ts";

const cluster = await sharedCluster();
const MESSAGE = Buffer.from("Subject: x\r\n\r\nText\r\n");

Deno.test({
  name:
    "R4: a replica that stood still for so long that it was taken for dead gives way to the others",
  ...needsPostgres,
  async fn() {
    await using replicas = await ReplicasTestbed.open(cluster!);
    const login = await replicas.signIn();
    const [still, other] = await replicas.serve(2) as [Replica, Replica];
    const send = async (replica: Replica) => {
      using client = await replica.logIn(login);
      await client.envelope(NORA, ["a@example.com"]);
      assert.match(await client.data(MESSAGE), /^250 /);
    };
    const sendMany = (replica: Replica) =>
      Promise.all(Array.from({ length: 6 }, () => send(replica)));
    const holders = () =>
      replicas.cluster.query(replicas.database, "SELECT DISTINCT holder FROM mailbox_slots");
    await sendMany(still);
    const [former] = await holders();
    still.program.signal("SIGSTOP");
    try {
      await sendMany(other);
      await replicas.expireToken();
      const before = replicas.bed.simulation.identityProvider.tokenRequests;
      const refreshed = other.tryLogin(login);
      assert.match(await refreshed, /^235 /);
      assert.ok(replicas.bed.simulation.identityProvider.tokenRequests - before <= 1);
      assert.ok((await holders()).some(({ holder }) => holder !== former?.holder));
    } finally {
      still.program.signal("SIGCONT");
    }
    const { submissionServer } = replicas.bed.simulation;
    await Promise.all([sendMany(still), sendMany(other)]);
    await eventually("the limit holds again", async () => {
      submissionServer.mostSessions = 0;
      await Promise.all([sendMany(still), sendMany(other)]);
      return submissionServer.mostSessions <= 3;
    });
    const version = "SELECT version::int FROM tokens";
    const [{ version: stored } = {}] = await replicas.cluster.query(replicas.database, version);
    assert.match(await still.tryLogin(login), /^235 /);
    assert.match(await other.tryLogin(login), /^235 /);
    const [{ version: newest } = {}] = await replicas.cluster.query(replicas.database, version);
    assert.equal(newest, stored, "no newer token was replaced");
  },
});

Deno.test({
  name: "R3: a browser whose every request comes to another replica signs in, and stays signed in",
  ...needsPostgres,
  async fn() {
    await using replicas = await ReplicasTestbed.open(cluster!);
    const { bed } = replicas;
    const started = await replicas.serve(3);
    let count = 0;
    const onListen = () => {};
    await using _balancer = Deno.serve({ port: bed.ports.http, onListen }, (request) => {
      const url = new URL(request.url);
      url.port = `${started[count++ % started.length]!.ports.http}`;
      return fetch(new Request(url, request), { redirect: "manual" });
    });
    const browser = new ScriptedBrowser();
    const login = await bed.signIn(browser);
    for (const replica of started) assert.match(await replica.tryLogin(login), /^235 /);
    for (const _replica of started) {
      const page = await browser.get(`${bed.url}/account`);
      assert.ok(page.text.includes(NORA));
    }
    assert.ok(count >= 6);
  },
});

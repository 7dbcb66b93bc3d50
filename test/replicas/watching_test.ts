/** The view of an operator on several replicas: readiness, metrics, and their page in the administration. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { ScriptedBrowser } from "../../tools/simulate/browser.ts";
import { needsPostgres, sharedCluster } from "../postgres.ts";
import { ReservedPorts } from "../ports.ts";
import { eventually, type Replica, ReplicasTestbed } from "./testbed.ts";
import { TcpProxy } from "../tcp_proxy.ts";
import { NORA } from "../testbed.ts";

const cluster = await sharedCluster();
const MESSAGE = Buffer.from("Subject: x\r\n\r\nText\r\n");

/** Each replica is asked by itself here, under an address of its own. */
const ANY_ADDRESS = { PUBLIC_URL: "" };

/** Returns the values of a replica's metrics, by their names and labels. */
async function metricsOf(port: number): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`http://localhost:${port}/metrics`)).text();
  const lines = text.matchAll(/^(\w+(?:\{[^}]*\})?) (\S+)$/gm);
  return new Map([...lines].map(([, name, value]) => [name!, Number(value)]));
}

/** Opens the page of the replicas, by a one-time link. */
async function openPage(bed: ReplicasTestbed, { ports }: Replica): Promise<string> {
  const { url } = await bed.bed.json("admin", "link");
  const browser = new ScriptedBrowser();
  const base = `http://localhost:${ports.http}`;
  const { pathname, search } = new URL(url);
  const confirmation = await browser.get(`${base}${pathname}${search}`);
  const [, token = ""] = /name="token" value="([^"]+)"/.exec(confirmation.text) ?? [];
  await browser.post(`${base}/setup`, { token });
  return (await browser.get(`${base}/admin/replicas`)).text;
}

Deno.test({
  name: "R5: pages and metrics of each replica show who lives, what it holds, and an outage",
  ...needsPostgres,
  async fn() {
    await using bed = await ReplicasTestbed.open(cluster!);
    const login = await bed.signIn();
    await bed.expireToken();
    await using proxy = await TcpProxy.start(cluster!.port);
    using metricsPorts = ReservedPorts.reserve();
    const watched = await bed.serveOne({
      DATABASE_URL: cluster!.url(bed.database, proxy.port),
      METRICS_PORT: `${metricsPorts.metrics}`,
      ...ANY_ADDRESS,
    });
    using client = await watched.logIn(login);
    await client.envelope(NORA, ["a@example.com"]);
    assert.match(await client.data(MESSAGE), /^250 /);

    const other = await bed.serveOne(ANY_ADDRESS);
    const metrics = await metricsOf(metricsPorts.metrics);
    assert.equal(metrics.get('smtp_proxy_mailbox_slots{state="held"}'), 1);
    assert.equal(metrics.get('smtp_proxy_mailbox_slots{state="wanted"}'), 0);
    assert.equal(metrics.get('smtp_proxy_token_lease_claims{answer="claimed"}'), 1);
    assert.ok(metrics.get("smtp_proxy_database_duration_seconds_count")! > 0);
    assert.ok(metrics.get("smtp_proxy_replica_pulse_age_seconds")! < 30);

    for (const replica of [watched, other]) {
      const page = await openPage(bed, replica);
      assert.equal(page.match(/<th scope="row">/g)?.length, 2);
      assert.equal(page.match(/\(this one\)/g)?.length, 1);
      assert.equal(
        page.match(/"Mailboxes">1<\/td>\s*<td data-label="Connections">1</g)?.length,
        1,
        "who holds a connection",
      );
    }

    await proxy.refuse();
    // With METRICS_PORT, health is told there.
    const ready = async () => {
      const response = await fetch(`http://localhost:${metricsPorts.metrics}/readyz`);
      return { ...await response.json(), code: response.status };
    };
    await eventually("degraded", async () => (await ready()).status === "degraded");
    const { code, database } = await ready();
    assert.equal(code, 200);
    assert.match(database, /no answer for \d+ seconds/);
    const outage = await metricsOf(metricsPorts.metrics);
    assert.ok(outage.get("smtp_proxy_replica_pulse_age_seconds")! >= 3);
    assert.equal((await other.ready()).content.status, "ready");
    await eventually("the others count it as dead", async () => {
      const page = await openPage(bed, other);
      return page.match(/<th scope="row">/g)?.length === 1;
    });
    await proxy.pass();
    await eventually("ready", async () => (await ready()).status === "ready");
  },
});

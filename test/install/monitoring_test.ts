/**
 * The dashboard and the alert rules ask for metrics and labels that the program has.
 */
import assert from "node:assert/strict";
import { Metrics } from "../../lib/observers/metrics.ts";
import { delivery, SOME_ACCOUNT, SOME_CLIENT } from "../../lib/testing/smtp_events.ts";
import { Reply } from "../../smtp/mod.ts";

const FILES = ["docs/operations/grafana-dashboard.json", "docs/operations/alerts.yml"];
const METRIC = /\b(?:smtp_proxy|process)_[a-z_]+/g;
const OUTCOME = /outcome!?="([^"]+)"/g;

/** The text of metrics when everything has happened once. */
async function metricsText(): Promise<string> {
  const metrics = new Metrics({
    accounts: { count: () => Promise.resolve(1) },
    alerts: { current: () => [{ kind: "registration-refused" }] },
    now: Date.now,
    certificates: () => [["SMTP", 0]],
    registrations: { list: () => Promise.resolve([{ clientId: "app-1", endsAtMs: 0 }]) },
  }, { version: "0", deno: "0" });
  metrics.watchUpstream(() => ({ inUse: 1, idle: 1, waiting: 1 }));
  metrics.watchReplica(() => ({
    heartbeatAgeMs: 0,
    slots: { held: 0, wanted: 0 },
    claims: { claimed: 0, held: 0, changed: 0 },
  }));
  const client = SOME_CLIENT;
  metrics.observe({ type: "connected", client, port: 587 });
  metrics.observe({ type: "rejected", address: "", reason: "no TLS" });
  metrics.observe({ type: "login", client, username: "", durationMs: 1 });
  metrics.observe({ type: "command-refused", client, reply: new Reply(503, "5.5.1", "") });
  metrics.observe(delivery());
  const { target } = SOME_ACCOUNT;
  metrics.observe({ type: "upstream-failure", target, fault: "insecure", cause: "" });
  metrics.observe({ type: "listener-failure", address: "", cause: "" });
  return await metrics.text();
}

for (const file of FILES) {
  Deno.test(`${file} asks for metrics that exist`, async () => {
    const known = new Set((await metricsText()).match(METRIC));
    const asked = new Set((await Deno.readTextFile(file)).match(METRIC));
    assert.ok(asked.size > 5);
    assert.deepEqual([...asked].filter((name) => !known.has(name)), []);
  });

  Deno.test(`${file} asks for outcomes that exist`, async () => {
    const text = await metricsText();
    const asked = (await Deno.readTextFile(file)).replaceAll('\\"', '"').matchAll(OUTCOME);
    for (const [, outcome = ""] of asked) assert.ok(text.includes(`outcome="${outcome}"`), outcome);
  });
}

Deno.test("the dashboard shows every metric of the program", async () => {
  const exposed = [...(await metricsText()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
  const dashboard = await Deno.readTextFile("docs/operations/grafana-dashboard.json");
  assert.deepEqual(exposed.filter((name) => !dashboard.includes(name)), []);
});

Deno.test("the dashboard can be imported: its panels have ids of their own and a query", async () => {
  const { panels, uid } = JSON.parse(
    await Deno.readTextFile("docs/operations/grafana-dashboard.json"),
  );
  assert.equal(uid, "smtp-oauth2-proxy");
  assert.equal(new Set(panels.map(({ id }: { id: number }) => id)).size, panels.length);
  for (const { type, targets } of panels) {
    if (type !== "row") assert.ok(targets[0].expr);
  }
});

import assert from "node:assert/strict";
import { Reply } from "../../smtp/mod.ts";
import { DAY_MS } from "../base/mod.ts";
import { Metrics, type MetricsSources } from "./metrics.ts";
import type { AccountConditions } from "../store/store.ts";
import { delivery, SOME_ACCOUNT, SOME_CLIENT } from "../testing/smtp_events.ts";

function createMetrics(changes: Partial<MetricsSources> = {}): Metrics {
  return new Metrics({
    accounts: { count: (conditions) => Promise.resolve(conditions?.state === "active" ? 3 : 1) },
    alerts: { current: () => [{ kind: "sign-in-required" }, { kind: "sign-in-required" }] },
    certificates: () => [["SMTP", 1_800_000_000_000]],
    registrations: {
      list: () =>
        Promise.resolve([{ clientId: "app-1", endsAtMs: 1_900_000_000_000 }, {
          clientId: "app-2",
        }]),
    },
    now: Date.now,
    ...changes,
  }, { version: "1.2.3", deno: "2.9.6" });
}

/** The values by name and labels. */
async function values(metrics: Metrics): Promise<Map<string, number>> {
  const lines = (await metrics.text()).split("\n").filter((line) => line && !line.startsWith("#"));
  return new Map(lines.map((line) => {
    const end = line.lastIndexOf(" ");
    return [line.slice(0, end), Number(line.slice(end + 1))];
  }));
}

Deno.test("Metrics counts sessions, logins, deliveries and failures", async () => {
  const metrics = createMetrics();
  const client = SOME_CLIENT;
  const { observe } = metrics;
  observe({ type: "connected", client, port: 587 });
  observe({ type: "connected", client, port: 465 });
  observe({ type: "login", client, username: "a", account: SOME_ACCOUNT, durationMs: 20 });
  observe({ type: "login", client, username: "a", failure: "invalid", durationMs: 500 });
  observe({ type: "command-refused", client, reply: new Reply(503, "5.5.1", "Order") });
  observe(delivery({ durationMs: 2000 }));
  observe({ type: "disconnected", client, durationMs: 9, messageCount: 1 });
  observe({ type: "rejected", address: client.address, reason: "too many connections" });
  observe(delivery({ stage: "rcpt", outcome: "refused", recipients: [] }));
  observe({ type: "upstream-sign-in", account: SOME_ACCOUNT });
  observe({
    type: "upstream-sign-in",
    account: SOME_ACCOUNT,
    refusal: new Reply(535, "5.7.3", ""),
  });
  observe({ type: "upstream-failure", target: SOME_ACCOUNT.target, fault: "timeout", cause: "" });
  observe({ type: "listener-failure", address: "[::]:587", cause: "" });
  metrics.observeRenewal("renewed");
  metrics.observeUnexpectedError();

  const found = await values(metrics);
  const expected = {
    "smtp_proxy_sessions": 1,
    'smtp_proxy_sessions_total{port="587"}': 1,
    'smtp_proxy_connections_rejected_total{reason="too many connections"}': 1,
    'smtp_proxy_logins_total{result="ok"}': 1,
    'smtp_proxy_logins_total{result="invalid"}': 1,
    'smtp_proxy_login_duration_seconds_bucket{le="0.025",result="ok"}': 1,
    'smtp_proxy_commands_refused_total{code="503"}': 1,
    'smtp_proxy_deliveries_total{outcome="accepted"}': 1,
    'smtp_proxy_deliveries_total{outcome="unknown"}': 0,
    'smtp_proxy_deliveries_total{outcome="refused"}': 0,
    'smtp_proxy_envelopes_refused_total{stage="rcpt"}': 1,
    'smtp_proxy_envelopes_refused_total{stage="mail"}': 0,
    'smtp_proxy_upstream_sign_ins_total{result="ok"}': 1,
    'smtp_proxy_upstream_sign_ins_total{result="refused"}': 1,
    'smtp_proxy_delivery_duration_seconds_sum{outcome="accepted"}': 2,
    'smtp_proxy_message_octets_total{outcome="accepted"}': 4096,
    'smtp_proxy_recipients_total{outcome="accepted"}': 3,
    'smtp_proxy_upstream_failures_total{server="smtp.example",fault="timeout"}': 1,
    "smtp_proxy_listener_failures_total": 1,
    'smtp_proxy_token_renewals_total{outcome="renewed"}': 1,
    'smtp_proxy_token_renewals_total{outcome="registration"}': 0,
    "smtp_proxy_unexpected_errors_total": 1,
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(found.get(name), value, name);
});

Deno.test("Metrics reads accounts, alerts, certificates and the process when it is asked", async () => {
  const found = await values(createMetrics());
  assert.equal(found.get('smtp_proxy_accounts{state="active"}'), 3);
  assert.equal(found.get('smtp_proxy_accounts{state="sign-in-required"}'), 1);
  assert.equal(found.get('smtp_proxy_alerts{kind="sign-in-required"}'), 2);
  assert.equal(
    found.get('smtp_proxy_certificate_expiry_timestamp_seconds{use="SMTP"}'),
    1_800_000_000,
  );
  assert.equal(
    found.get('smtp_proxy_registration_expiry_timestamp_seconds{registration="app-1"}'),
    1_900_000_000,
  );
  assert.equal(found.get('smtp_proxy_build_info{version="1.2.3",deno="2.9.6"}'), 1);
  assert.ok(found.get("process_resident_memory_bytes")! > 1_000_000);
  assert.ok(found.get("process_start_time_seconds")! <= Date.now() / 1000);
});

Deno.test("Metrics tells how many accounts are late with their renewal", async () => {
  const now = () => 100 * DAY_MS;
  const asked: (number | undefined)[] = [];
  const count = ({ refreshedBeforeMs }: AccountConditions = {}) => {
    if (refreshedBeforeMs !== undefined) asked.push(refreshedBeforeMs / DAY_MS);
    return Promise.resolve(7);
  };
  const found = await values(createMetrics({ accounts: { count }, now }));
  assert.deepEqual(asked, [85, 85, 70, 70, 40, 40, 20, 20]);
  assert.equal(found.get('smtp_proxy_accounts_not_renewed{days="80"}'), 14);
});

Deno.test("Metrics counts the sessions that we ended by why", async () => {
  const metrics = createMetrics();
  const ended = {
    type: "disconnected",
    client: SOME_CLIENT,
    durationMs: 9,
    messageCount: 0,
  } as const;
  metrics.observe(ended);
  metrics.observe({ ...ended, cutOff: new Reply(421, "4.4.2", "Timeout") });
  metrics.observe({ ...ended, cutOff: new Reply(535, "5.7.8", "Any text at all") });
  const found = await values(metrics);
  assert.equal(found.get('smtp_proxy_sessions_cut_off_total{reason="Timeout"}'), 1);
  assert.equal(found.get('smtp_proxy_sessions_cut_off_total{reason="535"}'), 1);
});

Deno.test("Metrics shows the connections to the submission server", async () => {
  const metrics = createMetrics();
  metrics.watchUpstream(() => ({ inUse: 3, idle: 2, waiting: 1 }));
  const found = await values(metrics);
  const numbers = ["in_use", "idle", "waiting"].map((state) =>
    found.get(`smtp_proxy_upstream_connections{state="${state}"}`)
  );
  assert.deepEqual(numbers, [3, 2, 1]);
});

Deno.test("Metrics forgets alerts that are over", async () => {
  let kinds: { kind: "token-near-end" }[] = [{ kind: "token-near-end" }];
  const metrics = createMetrics({ alerts: { current: () => kinds } });
  const name = 'smtp_proxy_alerts{kind="token-near-end"}';
  assert.equal((await values(metrics)).get(name), 1);
  kinds = [];
  assert.equal((await values(metrics)).get(name), undefined);
});

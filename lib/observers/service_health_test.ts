import assert from "node:assert/strict";
import type { SmtpEvent } from "../../smtp/mod.ts";
import { ServiceHealth } from "./service_health.ts";

function delivered(durationMs: number, outcome = "accepted"): SmtpEvent {
  return { type: "delivery", delivery: { durationMs, outcome } } as SmtpEvent;
}

Deno.test("ServiceHealth tells the median and the 95th percentile of accepted deliveries", () => {
  const health = new ServiceHealth(() => 0);
  assert.equal(health.read().latency, undefined);
  for (let ms = 1; ms <= 100; ms++) health.observe(delivered(ms));
  health.observe(delivered(9999, "refused"));
  assert.deepEqual(health.read().latency, { count: 100, p50Ms: 50, p95Ms: 95 });
  for (let times = 0; times < 2000; times++) health.observe(delivered(7));
  assert.deepEqual(health.read().latency, { count: 1000, p50Ms: 7, p95Ms: 7 });
});

Deno.test("ServiceHealth counts renewals, and shows the longest queues first", () => {
  const health = new ServiceHealth(() => 5);
  health.observeRenewal("renewed");
  health.observeRenewal("renewed");
  const mailbox = (accountId: string, waiting: number) => ({
    accountId,
    waiting,
    inUse: 1,
    idle: 0,
  });
  health.watch({
    certificates: () => [["SMTP", 1]],
    mailboxes: () => [mailbox("a", 0), mailbox("b", 3)],
  });
  const { renewals, mailboxes, certificates } = health.read();
  assert.deepEqual(renewals, [{ outcome: "renewed", count: 2, lastAtMs: 5 }]);
  assert.deepEqual(mailboxes.map(({ accountId }) => accountId), ["b", "a"]);
  assert.deepEqual(certificates, [["SMTP", 1]]);
});

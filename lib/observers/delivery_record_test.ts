import assert from "node:assert/strict";
import { type DeliveryRecordOptions, queueIdOf, recordDeliveries } from "./delivery_record.ts";
import type { NewDelivery } from "../store/store.ts";
import { delivery, SOME_CLIENT } from "../testing/smtp_events.ts";

const NOW_MS = 1_767_225_600_000;

function record(
  recipients: DeliveryRecordOptions["recipients"],
  ...events: Parameters<ReturnType<typeof recordDeliveries>>[0][]
): NewDelivery[] {
  const recorded: NewDelivery[] = [];
  const observer = recordDeliveries({
    deliveries: { record: (row) => Promise.resolve(void recorded.push(row)) },
    recipients,
    now: () => NOW_MS,
    onError: (error) => assert.fail(String(error)),
  });
  events.forEach(observer);
  return recorded;
}

Deno.test("recordDeliveries() keeps each delivery, and nothing else", () => {
  const other = { type: "connected", client: SOME_CLIENT, port: 587 } as const;
  assert.deepEqual(record("full", other, delivery()), [{
    atMs: NOW_MS,
    accountId: "a1",
    appPasswordId: "p1",
    clientAddress: "192.0.2.7",
    sender: "anna@example.com",
    recipientCount: 3,
    recipients: "bob@example.org, carol@example.org, dan@example.net",
    sizeOctets: 4096,
    durationMs: 321.5,
    reply: "250 2.0.0 OK <q1@X.PROD.OUTLOOK.COM> [Hostname=X.PROD.OUTLOOK.COM]",
    queueId: "q1@X.PROD.OUTLOOK.COM",
    outcome: "accepted",
  }]);
});

Deno.test("recordDeliveries() keeps as much of the recipients as it may", () => {
  assert.equal(record("domains", delivery())[0]?.recipients, "@example.org, @example.net");
  assert.equal(record("none", delivery())[0]?.recipients, null);
});

Deno.test("recordDeliveries() keeps a delivery whose client has left without a reply", () => {
  const [row] = record(
    "full",
    delivery({ outcome: "abandoned", reply: undefined, recipients: [] }),
  );
  assert.equal(row?.reply, null);
  assert.equal(row?.queueId, null);
  assert.equal(row?.recipients, "");
});

Deno.test("recordDeliveries() tells when a delivery cannot be kept", async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const failure = new Error("disk full");
  const options = { recipients: "full", now: () => NOW_MS, onError: resolve } as const;
  recordDeliveries({ ...options, deliveries: { record: () => Promise.reject(failure) } })(
    delivery(),
  );
  assert.equal(await promise, failure);
});

Deno.test("queueIdOf() finds the name that a submission server gives a message", () => {
  assert.equal(queueIdOf("OK <abc@HOST> [Hostname=HOST]"), "abc@HOST");
  assert.equal(queueIdOf("Ok: queued as 4F2A91"), "4F2A91");
  assert.equal(queueIdOf("Accepted"), null);
});

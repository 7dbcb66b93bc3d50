import assert from "node:assert/strict";
import type { SmtpEvent } from "../events.ts";
import { Reply } from "../reply.ts";
import { ANNA, SOME_CLIENT } from "../testing/fakes.ts";
import { UpstreamError } from "../upstream_error.ts";
import { portableEvent, revivedEvent } from "./contract.ts";

const REPLY = new Reply(550, "5.7.1", "No");
const CAUSE = new UpstreamError("closed", "lost", { cause: new Error("reset") });
const DELIVERY = {
  client: SOME_CLIENT,
  account: ANNA,
  reversePath: ANNA.mailbox,
  recipients: ["bob@example.org"],
  octetCount: 7,
  durationMs: 1.5,
  outcome: "refused",
} as const;

const EVENTS: readonly SmtpEvent[] = [
  { type: "connected", client: SOME_CLIENT, port: 25 },
  { type: "disconnected", client: SOME_CLIENT, durationMs: 1, messageCount: 0 },
  { type: "disconnected", client: SOME_CLIENT, durationMs: 1, messageCount: 0, cutOff: REPLY },
  { type: "rejected", address: "192.0.2.1", reason: "no TLS", cause: CAUSE },
  { type: "login", client: SOME_CLIENT, username: "anna", account: ANNA, durationMs: 1 },
  { type: "login", client: SOME_CLIENT, username: "x", failure: "invalid", durationMs: 1 },
  { type: "command-refused", client: SOME_CLIENT, reply: REPLY, cause: CAUSE },
  { type: "delivery", delivery: DELIVERY },
  { type: "delivery", delivery: { ...DELIVERY, reply: REPLY, cause: CAUSE } },
  { type: "upstream-failure", target: ANNA.target, fault: "closed", cause: CAUSE },
  { type: "listener-failure", address: "127.0.0.1:25", cause: CAUSE },
];

/** Everything about an event that its observers look at. */
function essence(event: SmtpEvent): string {
  return JSON.stringify(event, (_key, value) => {
    if (value instanceof Reply) return `reply ${value}`;
    return value instanceof Error ? [value.message, value.cause] : value;
  });
}

for (const [index, event] of EVENTS.entries()) {
  Deno.test(`an event survives being handed over: ${event.type} (${index})`, () => {
    const handedOver = revivedEvent(structuredClone(portableEvent(event)));
    assert.equal(essence(handedOver), essence(event));
  });
}

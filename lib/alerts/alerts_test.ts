import assert from "node:assert/strict";
import { Alerts, type NewAlert } from "./alerts.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../base/mod.ts";
import { ManualClock } from "../testing/manual_clock.ts";
import { configureLogging } from "../log/log.ts";
import { Secret } from "../base/secret.ts";
import { settle } from "../testing/settle.ts";

const URL_TEXT = "https://hooks.example/services/token-of-the-webhook";

const WARNING: NewAlert = {
  kind: "sign-in-required",
  subject: "account-1",
  label: "nora@outlook.example",
  accountId: "account-1",
  text: "nora@outlook.example has to sign in with Microsoft again (AADSTS70008).",
  remedy: "Sign in again.",
  fixer: "user",
};

/** A webhook that answers with these statuses, in turn; then with 200. */
class Webhook {
  readonly bodies: Record<string, unknown>[] = [];
  readonly clock = new ManualClock(Date.parse("2026-01-01T00:00:00Z"), settle);
  readonly alerts: Alerts;

  constructor(...answers: (number | Error | "never")[]) {
    const answer = (_input: unknown, init?: RequestInit): Promise<Response> => {
      this.bodies.push(JSON.parse(String(init?.body)));
      const next = answers.shift() ?? 200;
      if (next instanceof Error) return Promise.reject(next);
      if (next !== "never") return Promise.resolve(new Response("", { status: next }));
      return new Promise((_, reject) => {
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      });
    };
    this.alerts = new Alerts({
      clock: this.clock,
      fetch: answer as typeof fetch,
      webhookUrl: new Secret(URL_TEXT),
    });
  }
}

Deno.test("raise() says a thing once and counts it", async () => {
  const { alerts, clock, bodies } = new Webhook();
  alerts.raise(WARNING);
  await clock.advance(MINUTE_MS);
  alerts.raise({ ...WARNING, text: "again" });
  alerts.raise({ ...WARNING, subject: "account-2", accountId: "account-2" });
  await settle();
  const [first, second] = alerts.current();
  assert.equal(first?.count, 2);
  assert.equal(first?.text, "again");
  assert.equal(first!.lastSeenMs - first!.sinceMs, MINUTE_MS);
  assert.equal(second?.count, 1);
  assert.equal(bodies.length, 2);
  assert.deepEqual(alerts.forAccount("account-2"), [second]);
});

Deno.test("clear() ends an alert, which can then be raised anew", async () => {
  const { alerts, bodies } = new Webhook();
  alerts.raise(WARNING);
  alerts.clear("sign-in-required", "account-1");
  alerts.clear("sign-in-required", "account-1");
  alerts.raise(WARNING);
  alerts.clearAccount("account-1");
  await settle();
  assert.deepEqual(alerts.current(), []);
  assert.deepEqual(bodies.map(({ event }) => event), ["raised", "cleared", "raised", "cleared"]);
});

Deno.test("the webhook gets JSON that a person can act on, without ids", async () => {
  const { alerts, bodies } = new Webhook();
  alerts.raise(WARNING);
  await settle();
  assert.deepEqual(bodies, [{
    event: "raised",
    at: "2026-01-01T00:00:00.000Z",
    kind: "sign-in-required",
    subject: "nora@outlook.example",
    text: WARNING.text,
    remedy: WARNING.remedy,
    fixer: "user",
  }]);
});

Deno.test("the webhook is tried again with growing pauses, until it takes the alert", async () => {
  const { alerts, bodies, clock } = new Webhook(500, new TypeError("refused"), "never", 302);
  alerts.raise(WARNING);
  await clock.advance(2 * HOUR_MS);
  assert.equal(bodies.length, 5);
  assert.equal(clock.timers, 0);
});

Deno.test("a webhook that stays dead is given up", async () => {
  const { alerts, bodies, clock } = new Webhook(...Array(20).fill(500));
  alerts.raise(WARNING);
  await clock.advance(24 * HOUR_MS);
  assert.equal(bodies.length, 6);
  assert.equal(alerts.current().length, 1);
});

Deno.test("stop() ends what the webhook has under way", async () => {
  const { alerts, bodies, clock } = new Webhook("never", 500);
  alerts.raise(WARNING);
  alerts.raise({ ...WARNING, subject: "account-2" });
  await settle();
  alerts.stop();
  await clock.advance(HOUR_MS);
  assert.equal(bodies.length, 2);
  assert.equal(clock.timers, 0);
});

Deno.test("K1: the log gets the alert once, and never the webhook's address", async () => {
  const lines: string[] = [];
  configureLogging({ format: "text", level: "debug", write: (line) => lines.push(line) });
  const leaky = new TypeError(`error sending request for url (${URL_TEXT})`);
  const { alerts, clock } = new Webhook(...Array(20).fill(leaky));
  alerts.raise(WARNING);
  alerts.raise(WARNING);
  await clock.advance(2 * HOUR_MS + SECOND_MS);
  const text = lines.join("\n");
  assert.equal(text.split("AADSTS70008").length - 1, 1);
  assert.match(text, /webhook did not accept an alert/);
  assert.doesNotMatch(text, /token-of-the-webhook/);
});

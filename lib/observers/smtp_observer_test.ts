import assert from "node:assert/strict";
import { Alerts } from "../alerts/alerts.ts";
import { ManualClock } from "../testing/manual_clock.ts";
import { delivery, SOME_ACCOUNT } from "../testing/smtp_events.ts";
import { upstreamAlert } from "./smtp_observer.ts";

const { target } = SOME_ACCOUNT;

Deno.test("U9: upstreamAlert() raises the alarm at a bad certificate; a delivery to that server ends it", () => {
  const alerts = new Alerts({ clock: new ManualClock(0), fetch });
  const observe = upstreamAlert(alerts);
  observe({ type: "upstream-failure", target, fault: "insecure", cause: new Error("expired") });
  const [alert] = alerts.current();
  assert.equal(alert?.kind, "upstream-certificate");
  assert.match(alert.text, /smtp\.example cannot be trusted.*expired/);
  observe(delivery({ outcome: "deferred" }));
  assert.equal(alerts.current().length, 1);
  observe(delivery());
  assert.equal(alerts.current().length, 0);
});

Deno.test("upstreamAlert() takes other failures for what they are", () => {
  const alerts = new Alerts({ clock: new ManualClock(0), fetch });
  const cause = new Error("refused");
  upstreamAlert(alerts)({ type: "upstream-failure", target, fault: "unreachable", cause });
  assert.equal(alerts.current().length, 0);
});

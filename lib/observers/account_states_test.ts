import assert from "node:assert/strict";
import { type Account, Reply } from "../../smtp/mod.ts";
import { Alerts } from "../alerts/alerts.ts";
import { ManualClock } from "../testing/manual_clock.ts";
import { SOME_ACCOUNT } from "../testing/smtp_events.ts";
import { trackRefusals } from "./account_states.ts";

const DISABLED = new Reply(
  535,
  "5.7.139",
  "Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. " +
    "[XX0P279CA0001.NORP279.PROD.OUTLOOK.COM 2026-01-01T00:00:00.000Z 08DE000000000001]",
);

function setUp() {
  const alerts = new Alerts({ clock: new ManualClock(0), fetch });
  const calls: string[][] = [];
  const observe = trackRefusals({
    accounts: {
      refuse: (...call) => Promise.resolve(calls.push(["refuse", ...call.map(String)]) > 0),
      accept: (...call) => Promise.resolve(calls.push(["accept", ...call.map(String)]) > 0),
    },
    alerts,
    now: () => 7,
    onError: (error) => assert.fail(String(error)),
  });
  const signIn = (refusal?: Reply, account: Account = SOME_ACCOUNT) =>
    observe({ type: "upstream-sign-in", account, refusal });
  return { alerts, calls, signIn };
}

Deno.test("trackRefusals() sets the state with the reply, and raises an alert with the remedy", () => {
  const { alerts, calls, signIn } = setUp();
  signIn(DISABLED);
  const reason = "535 5.7.139 Authentication unsuccessful, " +
    "SmtpClientAuthentication is disabled for the Mailbox.";
  assert.deepEqual(calls, [["refuse", "a1", reason, "7"]]);
  const [alert] = alerts.current();
  assert.equal(alert?.kind, "account-refused");
  assert.equal(alert.accountId, "a1");
  assert.match(
    alert.text,
    /refuses anna@example\.com: Sending by SMTP is switched off .*5\.7\.139/,
  );
  assert.match(alert.remedy, /Set-CASMailbox -Identity anna@example\.com/);
});

Deno.test("trackRefusals() ends the state and the alert at the next success", () => {
  const { alerts, calls, signIn } = setUp();
  signIn();
  assert.deepEqual(calls, []);
  signIn(DISABLED);
  signIn();
  signIn();
  assert.deepEqual(calls.slice(1), [["accept", "a1", "7"]]);
  assert.deepEqual(alerts.current(), []);
});

Deno.test("trackRefusals() ends a state that an earlier run of the program has set", () => {
  const { calls, signIn } = setUp();
  signIn(undefined, { ...SOME_ACCOUNT, refused: true });
  assert.deepEqual(calls, [["accept", "a1", "7"]]);
});

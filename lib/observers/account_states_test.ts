import assert from "node:assert/strict";
import { type Account, Reply, type SmtpEvent } from "../../smtp/mod.ts";
import { Alerts } from "../alerts/alerts.ts";
import { signIn, START_MS, type StoreFixture, withStore } from "../store/testing.ts";
import { settle } from "../testing/settle.ts";
import { SOME_ACCOUNT, SOME_CLIENT } from "../testing/smtp_events.ts";
import { confirmProvedNames, trackRefusals } from "./account_states.ts";

const DISABLED = new Reply(
  535,
  "5.7.139",
  "Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. " +
    "[XX0P279CA0001.NORP279.PROD.OUTLOOK.COM 2026-01-01T00:00:00.000Z 08DE000000000001]",
);
const REASON = "535 5.7.139 Authentication unsuccessful, " +
  "SmtpClientAuthentication is disabled for the Mailbox.";
const SEALED = Uint8Array.of(1);

function track({ store, clock }: StoreFixture) {
  const alerts = new Alerts({ clock, fetch });
  const { accounts } = store;
  const onError = (error: unknown) => assert.fail(String(error));
  const observe = trackRefusals({ accounts, alerts, now: () => clock.now(), onError });
  const signInUpstream = async (id: string, changes: Partial<Account>, refusal?: Reply) => {
    const account = { ...SOME_ACCOUNT, id, ...changes };
    observe({ type: "upstream-sign-in", account, refusal });
    await settle();
  };
  return { alerts, signInUpstream };
}

Deno.test("trackRefusals() sets the state with the reply, and raises an alert with the remedy", () =>
  withStore(async (fixture) => {
    const { accounts } = fixture.store;
    const { account: { id } } = await accounts.recordSignIn(signIn(), SEALED);
    const { alerts, signInUpstream } = track(fixture);
    await signInUpstream(id, {}, DISABLED);
    const account = (await accounts.get(id))!;
    assert.equal(account.state, "refused");
    assert.equal(account.stateReason, REASON);
    assert.equal(account.stateSinceMs, START_MS);
    const [alert] = alerts.current();
    assert.equal(alert?.kind, "account-refused");
    assert.equal(alert.accountId, id);
    assert.match(
      alert.text,
      /^The submission server refuses anna@example\.com: .*\(535 5\.7\.139\)/,
    );

    await signInUpstream(id, {});
    assert.equal((await accounts.get(id))?.state, "active");
    assert.deepEqual(alerts.current(), []);
  }));

Deno.test("trackRefusals() knows the state that an earlier run of the program has set", () =>
  withStore(async (fixture) => {
    const { accounts } = fixture.store;
    const { account: { id } } = await accounts.recordSignIn(signIn(), SEALED);
    await accounts.refuse(id, REASON, START_MS);
    const { alerts, signInUpstream } = track(fixture);
    await settle();
    assert.deepEqual(alerts.current().map(({ label }) => label), ["anna@example.com"]);
    await signInUpstream(id, { refused: true });
    assert.equal((await accounts.get(id))?.state, "active");
    assert.deepEqual(alerts.current(), []);
  }));

Deno.test("trackRefusals() raises no alert for an account that is gone or has to sign in", () =>
  withStore(async (fixture) => {
    const { accounts, tokens } = fixture.store;
    const { account: { id } } = await accounts.recordSignIn(signIn(), SEALED);
    const { alerts, signInUpstream } = track(fixture);
    await tokens.requireSignIn(id, { version: 1, reason: "invalid_grant", atMs: START_MS });
    await signInUpstream(id, {}, DISABLED);
    await signInUpstream("gone", {}, DISABLED);
    assert.deepEqual(alerts.current(), []);
    assert.equal((await accounts.get(id))?.state, "sign-in-required");
  }));

function login(changes: Partial<Extract<SmtpEvent, { type: "login" }>>): SmtpEvent {
  return { type: "login", client: SOME_CLIENT, username: "anna", durationMs: 1, ...changes };
}

Deno.test("confirmProvedNames() confirms the name of a successful login, unless it is confirmed", () => {
  const confirmed: string[][] = [];
  const observe = confirmProvedNames({
    confirmSignInName: (...names) => Promise.resolve(confirmed.push(names) > 0),
  }, (error) => assert.fail(String(error)));
  const unconfirmed = { ...SOME_ACCOUNT, signInName: "u1@x.example", otherName: "a@x.example" };
  observe(login({ account: SOME_ACCOUNT }));
  observe(login({ account: unconfirmed, failure: "refused" }));
  observe(login({ failure: "invalid" }));
  assert.deepEqual(confirmed, []);
  observe(login({ account: unconfirmed }));
  assert.deepEqual(confirmed, [["a1", "u1@x.example"]]);
});

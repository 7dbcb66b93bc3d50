import assert from "node:assert/strict";
import type { TokenFault } from "../../tools/simulate/identity_provider.ts";
import { MINUTE_MS } from "../base/mod.ts";
import { configureLogging } from "../log/log.ts";
import { NORA, SignInFixture, smtpAccount, toHeader } from "../testing/sign_in_fixture.ts";

/** So short that a token is worth nothing when it arrives: the next login has to fetch another one. */
const USELESS_LIFETIME_S = 30;
const USUAL_LIFETIME_S = 3600;
const PAUSE_MS = 2 * MINUTE_MS;

/** Signs in, with a token that does not last. */
async function signedIn(fixture: SignInFixture) {
  fixture.idp.accessTokenLifetimeS = USELESS_LIFETIME_S;
  const { accountId } = await fixture.signInAs(NORA);
  fixture.idp.accessTokenLifetimeS = USUAL_LIFETIME_S;
  return smtpAccount(accountId);
}

Deno.test("T2: 200 concurrent logins with one expired token cause one request to the identity provider", async () => {
  await using fixture = await SignInFixture.open();
  const account = await signedIn(fixture);
  const before = fixture.idp.tokenRequests;
  const logins = Array.from({ length: 200 }, () => fixture.tokens.accessToken(account));
  assert.equal(new Set(await Promise.all(logins)).size, 1);
  assert.equal(fixture.idp.tokenRequests - before, 1);
});

Deno.test("T4: every passing fault of the token endpoint is a temporary failure that heals", async (t) => {
  const faults: TokenFault[] = [
    { kind: "down" },
    { kind: "status", status: 429, retryAfterS: 60 },
    { kind: "status", status: 500 },
    { kind: "status", status: 503 },
    { kind: "malformed" },
    { kind: "error", code: "AADSTS90033" },
    { kind: "error", code: "AADSTS7000215" },
    { kind: "error", code: "AADSTS7000222" },
    { kind: "error", code: "AADSTS700016" },
  ];
  await using fixture = await SignInFixture.open();
  for (const fault of faults) {
    await t.step(JSON.stringify(fault), async () => {
      const account = await signedIn(fixture);
      fixture.idp.faults.token = fault;
      await assert.rejects(fixture.tokens.accessToken(account), { failure: "temporary" });
      assert.equal((await fixture.store.accounts.get(account.id))?.state, "active");
      fixture.idp.faults.token = undefined;
      fixture.wait(PAUSE_MS);
      const token = await fixture.tokens.accessToken(account);
      assert.equal(fixture.idp.verifyAccessToken(token)?.address, NORA);
      assert.deepEqual(fixture.alerts.current(), []);
    });
  }
});

Deno.test("T5: every fault that only its owner can repair marks the account", async (t) => {
  const codes = [
    "AADSTS50076",
    "AADSTS50173",
    "AADSTS53003",
    "AADSTS65001",
    "AADSTS70008",
  ] as const;
  await using fixture = await SignInFixture.open();
  for (const code of codes) {
    await t.step(code, async () => {
      const account = await signedIn(fixture);
      fixture.idp.faults.token = { kind: "error", code };
      await assert.rejects(fixture.tokens.accessToken(account), { failure: "sign-in-required" });
      fixture.idp.faults.token = undefined;
      const record = await fixture.store.accounts.get(account.id);
      assert.equal(record?.state, "sign-in-required");
      assert.equal(record?.stateReason?.split(" ", 1)[0], code);
    });
  }
});

Deno.test("T4: a valid token is used while the identity provider is down", async () => {
  await using fixture = await SignInFixture.open();
  const { accountId } = await fixture.signInAs(NORA);
  await fixture.idp.stop();
  const token = await fixture.tokens.accessToken(smtpAccount(accountId));
  assert.equal(fixture.idp.verifyAccessToken(token)?.address, NORA);
});

Deno.test("K1: no secret of a sign-in, a renewal or a failure reaches the log", async () => {
  const lines: string[] = [];
  configureLogging({ format: "json", level: "debug", write: (line) => lines.push(line) });
  await using fixture = await SignInFixture.open();
  const { callback, cookies } = await fixture.visit({ address: NORA });
  const { accountId, setCookies } = await fixture.signIn.complete(callback, cookies);
  const account = smtpAccount(accountId);
  const first = await fixture.tokens.accessToken(account);
  const second = await fixture.tokens.accessToken(account, first);
  await assert.rejects(fixture.signIn.complete(callback, cookies));
  fixture.idp.faults.token = { kind: "error", code: "AADSTS50173" };
  fixture.wait(PAUSE_MS);
  await assert.rejects(fixture.tokens.accessToken(account, second));
  await assert.rejects(fixture.signInAs(NORA));

  const secrets = [
    first,
    second,
    callback.searchParams.get("code")!,
    callback.searchParams.get("state")!,
    "simulated-client-secret",
    ...[cookies, toHeader(setCookies)].flatMap((header) =>
      header.split("; ").map((pair) => pair.slice(pair.indexOf("=") + 1)).filter(Boolean)
    ),
  ];
  const text = lines.join("\n");
  assert.match(text, /signed in/);
  assert.match(text, /AADSTS50173/);
  for (const secret of secrets) assert.ok(!text.includes(secret), "a secret is in the log");
});

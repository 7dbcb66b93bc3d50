/**
 * Replies to a mail client when something is wrong: at its own end, at the submission server, at the identity service.
 */
import assert from "node:assert/strict";
import type { SmtpLogin } from "../tools/smtp_client.ts";
import { NORA, Testbed } from "./testbed.ts";

const MESSAGE = new TextEncoder().encode("Subject: Test\r\n\r\nText\r\n");
/** Access tokens of this lifetime are too old for the program as soon as they are issued. */
const TOO_SHORT_S = 30;

let bed: Testbed;
let login: SmtpLogin;

Deno.test.beforeAll(async () => {
  bed = await Testbed.serving();
});
Deno.test.beforeEach(async () => {
  await bed.recover();
  login = await bed.signIn();
});
Deno.test.afterAll(async () => await bed[Symbol.asyncDispose]());

/** Tries to log in. @returns the reply to AUTH. */
async function tryLogin(changes: Partial<SmtpLogin> = {}): Promise<string> {
  using client = await bed.connect();
  return await client.authenticate({ ...login, ...changes });
}

/** Logs in and sends. @returns the final reply. */
async function send(): Promise<string> {
  using client = await bed.logIn(login, "startTls");
  await client.envelope(NORA, ["a@example.com"]);
  return await client.data(MESSAGE);
}

/** Signs in with an access token that the program has to replace at once. */
async function signInBriefly(): Promise<void> {
  bed.simulation.identityProvider.accessTokenLifetimeS = TOO_SHORT_S;
  login = await bed.signIn();
}

/** The number of messages that arrive during some work. */
async function arrivals(work: () => Promise<void>): Promise<number> {
  const { store } = bed.simulation.submissionServer;
  const before = store.received;
  await work();
  return store.received - before;
}

Deno.test("a wrong password gets 535, and nothing goes upstream", async () => {
  const { submissionServer } = bed.simulation;
  const before = submissionServer.connections;
  assert.match(await tryLogin({ password: "wrong" }), /^535 5\.7\.8 /);
  assert.equal(submissionServer.connections, before);
});

Deno.test("S20: an unknown user gets the same reply as a wrong password", async () => {
  const wrong = await tryLogin({ password: "wrong" });
  const unknown = await tryLogin({ username: "nobody@example.com" });
  assert.equal(unknown, wrong);
});

Deno.test("U1: a stopped submission server gets 454, and its return heals it", async () => {
  const { submissionServer } = bed.simulation;
  await submissionServer.stop();
  assert.match(await tryLogin(), /^454 4\.7\.0 /);
  await submissionServer.restart();
  assert.match(await send(), /^250 /);
});

Deno.test("U2: a pooled connection that died between messages is replaced", async () => {
  const { submissionServer } = bed.simulation;
  const count = await arrivals(async () => {
    assert.match(await send(), /^250 /);
    await submissionServer.stop();
    await submissionServer.restart();
    assert.match(await send(), /^250 /);
  });
  assert.equal(count, 2);
});

Deno.test("U6: a client that leaves inside the body sends nothing", async () => {
  const count = await arrivals(async () => {
    {
      using client = await bed.logIn(login, "startTls");
      await client.envelope(NORA, ["a@example.com"]);
      assert.match(await client.command("DATA"), /^354 /);
      await client.write(MESSAGE);
    }
    assert.match(await send(), /^250 /);
  });
  assert.equal(count, 1);
});

for (const form of ["direct", "challenge"] as const) {
  Deno.test(`U11: a token refused in ${form} form is fetched once more`, async () => {
    const { identityProvider, submissionServer } = bed.simulation;
    submissionServer.badTokenRefusal = form;
    identityProvider.revokeAccessTokens(NORA);
    const before = identityProvider.tokenRequests;
    assert.match(await send(), /^250 /);
    assert.equal(identityProvider.tokenRequests, before + 1);
  });
}

Deno.test("T4: a stopped identity service does not matter while the token is valid", async () => {
  await bed.simulation.identityProvider.stop();
  assert.match(await send(), /^250 /);
});

Deno.test("T5: a revoked refresh token gets 535 that asks to sign in, which heals it", async () => {
  const { identityProvider } = bed.simulation;
  await signInBriefly();
  identityProvider.revokeRefreshTokens(NORA);
  assert.match(await tryLogin(), /^535 5\.7\.8 .*sign in/i);
  const requests = identityProvider.tokenRequests;
  assert.match(await tryLogin(), /^535 5\.7\.8 .*sign in/i);
  assert.equal(identityProvider.tokenRequests, requests, "hammering");
  identityProvider.accessTokenLifetimeS = 3600;
  login = await bed.signIn();
  assert.match(await send(), /^250 /);
});

// The last test of these: the program leaves a service that has failed alone for a while. How each fault of the token
// endpoint is taken is in `lib/tokens_faults_test.ts`.
Deno.test("T4: a stopped identity service gets 454 when a new token is needed", async () => {
  await signInBriefly();
  await bed.simulation.identityProvider.stop();
  assert.match(await tryLogin(), /^454 4\.7\.0 /);
});

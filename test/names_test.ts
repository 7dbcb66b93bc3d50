/**
 * Accounts whose sign-in name is not their mail address, and accounts that the submission server refuses.
 */
import assert from "node:assert/strict";
import { ScriptedBrowser } from "../tools/simulate/browser.ts";
import { STAFF_NUMBER_PERSON } from "../tools/simulate/people.ts";
import { NORA, Testbed } from "./testbed.ts";

const MESSAGE = new TextEncoder().encode("Subject: Test\r\n\r\nText\r\n");
const { signInName, address } = STAFF_NUMBER_PERSON;

let bed: Testbed;

Deno.test.beforeAll(async () => {
  bed = await Testbed.serving();
});
Deno.test.afterAll(async () => await bed[Symbol.asyncDispose]());

/** Signs the person with the staff number in on the web pages, and makes an app password. */
async function signIn(): Promise<string> {
  const browser = new ScriptedBrowser();
  const { url } = await browser.get(`${bed.url}/auth`);
  await browser.post(url, { address: signInName });
  const { text } = await browser.post(`${bed.url}/account/passwords`, { name: "test" });
  const [, password = ""] = /id="app-password"[^>]*>([^<]+)</.exec(text) ?? [];
  return password;
}

async function send(username: string, password: string): Promise<string> {
  using client = await bed.logIn({ username, password });
  await client.envelope(address, ["a@example.com"]);
  return await client.data(MESSAGE);
}

Deno.test("a work account sends although its sign-in name is not its address", async () => {
  const password = await signIn();
  for (const username of [address, signInName, signInName.toUpperCase()]) {
    assert.match(await send(username, password), /^250 /);
  }
  const shown = await bed.json("account", "show", signInName);
  assert.deepEqual([shown.email, shown.signInName], [address, signInName]);
});

Deno.test("an account of an earlier version is corrected by the next refresh", async () => {
  const password = await signIn();
  await bed.server[Symbol.asyncDispose]();
  await bed.withServices(async ({ store, vault }) => {
    const [account] = await store.accounts.listByName(address);
    const { tokens } = (await vault.load(account!))!;
    const former = { ...account!, signInName: address, signInNameConfirmed: false };
    await vault.recordSignIn({ ...former, atMs: account!.signedInAtMs }, {
      ...tokens,
      accessTokenExpiresAtMs: 0,
    });
  });
  await bed.serve();
  using client = await bed.connect();
  await client.authenticate({ username: address, password });
  assert.match(await send(address, password), /^250 /);
  const { signInName: corrected } = await bed.json("account", "show", address);
  assert.equal(corrected, signInName);
});

Deno.test("an account that the submission server refuses says so, and why, until it is let in", async () => {
  const login = await bed.signIn();
  bed.simulation.troubles.set({ mailbox: NORA }, "smtp-auth-off-mailbox");
  {
    using client = await bed.connect();
    assert.match(await client.authenticate(login), /^535 5\.7\.139 /);
    await client.authenticate({ ...login, password: "wrong" });
  }
  await bed.server[Symbol.asyncDispose](); // It writes what it has noted.
  const refused = await bed.json("account", "show", NORA);
  assert.equal(refused.state, "refused");
  assert.equal(refused.explanation.code, "535 5.7.139");
  const stages = refused.deliveries.map(({ stage }: { stage: string }) => stage);
  assert.deepEqual(stages, ["auth", "auth"]);

  bed.simulation.troubles.clear({ mailbox: NORA }, "smtp-auth-off-mailbox");
  await bed.serve();
  (await bed.logIn(login))[Symbol.dispose]();
  const { state, explanation } = await bed.json("account", "show", NORA);
  assert.deepEqual([state, explanation], ["active", null]);
});

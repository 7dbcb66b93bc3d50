import assert from "node:assert/strict";
import { signIn, START_MS } from "../../store/testing.ts";
import { storeTest } from "./store_test_case.ts";

const OLD = Uint8Array.of(1);
const NEW = Uint8Array.of(2);

storeTest("replace() keeps new tokens, and when they were renewed", async ({ store }) => {
  const { account: { id } } = await store.accounts.recordSignIn(signIn(), OLD);
  const refresh = { refreshedAtMs: START_MS + 7 };
  assert.equal(await store.tokens.replace(id, { sealed: NEW, version: 1 }, refresh), true);
  assert.deepEqual({ ...await store.tokens.get(id) }, { sealed: NEW, version: 2 });
  assert.equal((await store.accounts.get(id))?.refreshedAtMs, START_MS + 7);
  await store.tokens.replace(id, { sealed: OLD, version: 2 });
  assert.equal((await store.accounts.get(id))?.refreshedAtMs, START_MS + 7);
});

storeTest("replace() keeps the sign-in name that a refresh has confirmed", async ({ store }) => {
  const unconfirmed = signIn({ signInNameConfirmed: false });
  const { account: { id } } = await store.accounts.recordSignIn(unconfirmed, OLD);
  const nameOf = async () => {
    const { signInName, signInNameConfirmed } = (await store.accounts.get(id))!;
    return [signInName, signInNameConfirmed];
  };
  const refresh = { refreshedAtMs: START_MS + 7 };
  await store.tokens.replace(id, { sealed: NEW, version: 1 }, refresh);
  assert.deepEqual(await nameOf(), ["anna@example.com", false]);
  const renamed = { ...refresh, signInName: "u4711@corp.example" };
  await store.tokens.replace(id, { sealed: NEW, version: 2 }, renamed);
  assert.deepEqual(await nameOf(), ["u4711@corp.example", true]);
  await store.tokens.replace(id, { sealed: NEW, version: 3 }, refresh);
  assert.deepEqual(await nameOf(), ["u4711@corp.example", true]);
});

storeTest("replace() keeps the mail address that a refresh has confirmed", async ({ store }) => {
  const { account: { id } } = await store.accounts.recordSignIn(signIn(), OLD);
  const addressOf = async () => {
    const { email, emailVerified } = (await store.accounts.get(id))!;
    return [email, emailVerified];
  };
  const refresh = { refreshedAtMs: START_MS + 7 };
  const renamed = { ...refresh, email: "new@example.com", emailVerified: false };
  await store.tokens.replace(id, { sealed: NEW, version: 1 }, renamed);
  assert.deepEqual(await addressOf(), ["new@example.com", false]);
  await store.tokens.replace(id, { sealed: NEW, version: 2 }, refresh);
  assert.deepEqual(await addressOf(), ["new@example.com", false]);
});

storeTest("replace() does not overwrite tokens that it has not seen", async ({ store }) => {
  const { account: { id } } = await store.accounts.recordSignIn(signIn(), OLD);
  await store.accounts.recordSignIn(signIn({ atMs: START_MS + 1 }), NEW);
  const refresh = { refreshedAtMs: START_MS + 9 };
  assert.equal(await store.tokens.replace(id, { sealed: OLD, version: 1 }, refresh), false);
  assert.deepEqual({ ...await store.tokens.get(id) }, { sealed: NEW, version: 2 });
  assert.equal((await store.accounts.get(id))?.refreshedAtMs, START_MS + 1);
});

storeTest("T5: requireSignIn() marks the account until the next sign-in", async ({ store }) => {
  const { account: { id } } = await store.accounts.recordSignIn(signIn(), OLD);
  const because = { version: 1, reason: "AADSTS70008", atMs: START_MS + 3 };
  assert.equal(await store.tokens.requireSignIn(id, because), true);
  assert.equal(await store.tokens.requireSignIn(id, because), false);
  const marked = (await store.accounts.get(id))!;
  assert.equal(marked.state, "sign-in-required");
  assert.equal(marked.stateReason, "AADSTS70008");
  assert.equal(marked.stateSinceMs, START_MS + 3);

  const { account } = await store.accounts.recordSignIn(signIn({ atMs: START_MS + 8 }), NEW);
  assert.equal(account.state, "active");
  assert.equal(account.stateReason, undefined);
  assert.equal(account.stateSinceMs, START_MS + 8);
});

storeTest(
  "T5: requireSignIn() for tokens that a sign-in has replaced does nothing",
  async ({ store }) => {
    const { account: { id } } = await store.accounts.recordSignIn(signIn(), OLD);
    await store.accounts.recordSignIn(signIn(), NEW);
    const because = { version: 1, reason: "invalid_grant", atMs: START_MS };
    assert.equal(await store.tokens.requireSignIn(id, because), false);
    assert.equal((await store.accounts.get(id))?.state, "active");
  },
);

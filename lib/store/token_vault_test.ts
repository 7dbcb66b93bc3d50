import assert from "node:assert/strict";
import { SecretError, Secrets } from "../crypto/secrets.ts";
import { signIn, START_MS, withStore } from "./testing.ts";
import { TokenVault } from "./token_vault.ts";

const OLD = "an old secret of at least 32 characters";
const NEW = "a new secret of at least 32 characters.";
const TOKENS = {
  accessToken: "access",
  accessTokenExpiresAtMs: START_MS + 3_600_000,
  refreshToken: "canary-refresh",
  obtainedAtMs: START_MS,
};

Deno.test("K2: tokens are sealed in the database and open for their account", () =>
  withStore(async ({ store }) => {
    const vault = new TokenVault(store, new Secrets([OLD]));
    const { account } = await vault.recordSignIn(signIn(), TOKENS);
    assert.deepEqual(await vault.load(account), { tokens: TOKENS, version: 1 });
    const { sealed } = (await store.tokens.get(account.id))!;
    assert.ok(!new TextDecoder("latin1").decode(sealed).includes("canary"));
  }));

Deno.test("K2: sealed tokens that are moved to another account's row do not open", () =>
  withStore(async ({ store }) => {
    const vault = new TokenVault(store, new Secrets([OLD]));
    const { account: anna } = await vault.recordSignIn(signIn(), TOKENS);
    const { account: mallory } = await vault.recordSignIn(signIn({ objectId: "m" }), TOKENS);
    const { sealed } = (await store.tokens.get(anna.id))!;
    await store.tokens.replace(mallory.id, { sealed, version: 1 });
    await assert.rejects(vault.load(mallory), SecretError);
  }));

Deno.test("replace() keeps refreshed tokens unless others were faster", () =>
  withStore(async ({ store }) => {
    const vault = new TokenVault(store, new Secrets([OLD]));
    const { account } = await vault.recordSignIn(signIn(), TOKENS);
    const renewed = { ...TOKENS, refreshToken: "second", obtainedAtMs: START_MS + 9 };
    assert.equal(await vault.replace(account, renewed, 1), true);
    assert.equal(await vault.replace(account, TOKENS, 1), false);
    assert.deepEqual(await vault.load(account), { tokens: renewed, version: 2 });
    assert.equal((await store.accounts.get(account.id))?.refreshedAtMs, START_MS + 9);
  }));

Deno.test("K3: after a rotation tokens are sealed anew when they are read", () =>
  withStore(async ({ store }) => {
    const { account } = await new TokenVault(store, new Secrets([OLD])).recordSignIn(
      signIn(),
      TOKENS,
    );
    const rotated = new TokenVault(store, new Secrets([NEW, OLD]));
    assert.deepEqual(await rotated.load(account), { tokens: TOKENS, version: 2 });
    const later = new TokenVault(store, new Secrets([NEW]));
    assert.deepEqual(await later.load(account), { tokens: TOKENS, version: 2 });
    assert.equal((await store.accounts.get(account.id))?.refreshedAtMs, START_MS);
  }));

Deno.test("K3: with a wrong secret the tokens stay untouched", () =>
  withStore(async ({ store }) => {
    const { account } = await new TokenVault(store, new Secrets([OLD])).recordSignIn(
      signIn(),
      TOKENS,
    );
    const before = await store.tokens.get(account.id);
    await assert.rejects(new TokenVault(store, new Secrets([NEW])).load(account), /SESSION_SECRET/);
    assert.deepEqual(await store.tokens.get(account.id), before);
  }));

Deno.test("load() gives nothing for an account that is gone", () =>
  withStore(async ({ store }) => {
    const vault = new TokenVault(store, new Secrets([OLD]));
    const { account } = await vault.recordSignIn(signIn(), TOKENS);
    await store.accounts.delete(account.id);
    assert.equal(await vault.load(account), undefined);
  }));

import assert from "node:assert/strict";
import { signIn, START_MS } from "../../store/testing.ts";
import { storeTest } from "./store_test_case.ts";

function session(accountId: string, number: number, expiresAtMs = START_MS + 1000) {
  return { idHash: Uint8Array.of(number), accountId, createdAtMs: START_MS, expiresAtMs };
}

storeTest("add() for an account that was deleted says so", async ({ store }) => {
  const { account } = await store.accounts.recordSignIn(signIn(), Uint8Array.of(1));
  await store.accounts.delete(account.id);
  await assert.rejects(store.webSessions.add(session(account.id, 1)), { kind: "gone" });
});

storeTest(
  "W4: a web session lives until it expires or is signed out",
  async ({ store: { accounts, webSessions } }) => {
    const { account } = await accounts.recordSignIn(signIn(), Uint8Array.of(1));
    const first = session(account.id, 1);
    await webSessions.add(first);
    assert.deepEqual(await webSessions.get(first.idHash, START_MS + 999), first);
    assert.equal(await webSessions.get(first.idHash, START_MS + 1000), undefined);
    await webSessions.delete(first.idHash);
    assert.equal(await webSessions.get(first.idHash, START_MS), undefined);
  },
);

storeTest(
  "W4: deleteAll() signs one account out everywhere",
  async ({ store: { accounts, webSessions } }) => {
    const { account: anna } = await accounts.recordSignIn(signIn(), Uint8Array.of(1));
    const { account: bob } = await accounts.recordSignIn(
      signIn({ objectId: "bob" }),
      Uint8Array.of(1),
    );
    await webSessions.add(session(anna.id, 1));
    await webSessions.add(session(anna.id, 2));
    await webSessions.add(session(bob.id, 3));
    assert.equal(await webSessions.deleteAll(anna.id), 2);
    assert.equal(await webSessions.get(Uint8Array.of(1), START_MS), undefined);
    assert.ok(await webSessions.get(Uint8Array.of(3), START_MS));
  },
);

storeTest("deleteExpired() removes what is over", async ({ store: { accounts, webSessions } }) => {
  const { account } = await accounts.recordSignIn(signIn(), Uint8Array.of(1));
  await webSessions.add(session(account.id, 1, START_MS + 1));
  await webSessions.add(session(account.id, 2, START_MS + 2));
  assert.equal(await webSessions.deleteExpired(START_MS + 1), 1);
  assert.ok(await webSessions.get(Uint8Array.of(2), START_MS));
});

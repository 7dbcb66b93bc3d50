import assert from "node:assert/strict";
import { StoreError } from "../../store/store.ts";
import { appPassword, signIn, START_MS } from "../../store/testing.ts";
import { storeTest } from "./store_test_case.ts";

const SEALED = Uint8Array.of(1);

storeTest(
  "find() gives the app password with one of the hashes, and its owner",
  async ({ store }) => {
    const { account } = await store.accounts.recordSignIn(signIn(), SEALED);
    await store.accounts.setShortName(account.id, "scan");
    const { hash, ...kept } = appPassword(account.id, "p1", {
      allowedSender: "*@example.com",
      allowedRecipients: "*@example.org",
      dailyLimit: 20,
    });
    await store.appPasswords.add({ ...kept, hash });
    assert.deepEqual(await store.appPasswords.find([Uint8Array.of(0), hash]), {
      account: {
        id: account.id,
        appOnly: false,
        clientId: account.clientId,
        tenantId: account.tenantId,
        objectId: account.objectId,
        signInName: account.signInName,
        signInNameConfirmed: true,
        email: account.email,
        emailVerified: true,
        isInvited: false,
        shortName: "scan",
        state: "active",
        stateReason: undefined,
      },
      appPassword: {
        id: "p1",
        allowedSender: "*@example.com",
        forcedSender: false,
        allowedRecipients: "*@example.org",
        dailyLimit: 20,
      },
      hash,
    });
    assert.equal(await store.appPasswords.find([Uint8Array.of(0)]), undefined);
  },
);

storeTest("find() sees each change at once, of the owner as well", async ({ store }) => {
  const { accounts, appPasswords, tokens } = store;
  const { account: { id, ...identity } } = await accounts.recordSignIn(signIn(), SEALED);
  const { hash, ...kept } = appPassword(id, "p1");
  await appPasswords.add({ ...kept, hash });
  await appPasswords.add(appPassword(id, "p2"));
  const rules = { allowedSender: "a@*", forcedSender: true, allowedRecipients: "*", dailyLimit: 2 };
  const names = { signInName: "b@example.com", email: "b@example.com", emailVerified: false };
  const atMs = START_MS + 1;
  const changes = [
    () => appPasswords.setRules("p1", { ...rules, clientAddresses: undefined }),
    () => accounts.setShortName(id, "scan"),
    () => accounts.refuse(id, "535 no", atMs),
    () => accounts.accept(id, atMs),
    () => tokens.requireSignIn(id, { version: 1, reason: "AADSTS70008", atMs }),
    () => accounts.recordSignIn(signIn({ ...names, isInvited: true, clientId: "c" }), SEALED),
    () => tokens.replace(id, { sealed: SEALED, version: 2 }, identity),
    () => accounts.confirmSignInName(id, "Anna@example.com"),
  ];
  for (const change of changes) {
    const before = await appPasswords.find([hash]);
    assert(await change());
    const found = await appPasswords.find([hash]);
    assert.notDeepEqual(found, before, String(change));
    const account = (await accounts.get(id))!;
    const owned = (await appPasswords.get("p1"))!;
    assert.deepEqual({ ...account, ...found!.account }, account, String(change));
    assert.deepEqual({ ...owned, ...found!.appPassword }, owned, String(change));
  }
  await appPasswords.delete("p2");
  assert.equal((await appPasswords.find([hash]))?.appPassword.id, "p1");
  await accounts.delete(id);
  assert.equal(await appPasswords.find([hash]), undefined);
});

storeTest("add() refuses a password that exists already", async ({ store }) => {
  const { account } = await store.accounts.recordSignIn(signIn(), SEALED);
  await store.appPasswords.add(appPassword(account.id, "p1", { hash: SEALED }));
  await assert.rejects(
    store.appPasswords.add(appPassword(account.id, "p2", { hash: SEALED })),
    (error) => error instanceof StoreError && error.kind === "conflict",
  );
});

storeTest("add() for an account that was deleted says so", async ({ store }) => {
  const { account } = await store.accounts.recordSignIn(signIn(), SEALED);
  await store.accounts.delete(account.id);
  await assert.rejects(store.appPasswords.add(appPassword(account.id, "p1")), { kind: "gone" });
});

storeTest("rename() and delete() tell whether it exists", async ({ store }) => {
  const { account } = await store.accounts.recordSignIn(signIn(), SEALED);
  await store.appPasswords.add(appPassword(account.id, "p1"));
  assert.equal(await store.appPasswords.rename("p1", "scanner"), true);
  assert.equal((await store.appPasswords.get("p1"))?.name, "scanner");
  assert.equal(await store.appPasswords.delete("p1"), true);
  assert.equal(await store.appPasswords.delete("p1"), false);
  assert.equal(await store.appPasswords.rename("p1", "x"), false);
  assert.equal(await store.appPasswords.get("p1"), undefined);
});

storeTest(
  "recordUse() is written with its batch, the last use of each",
  async ({ store, clock }) => {
    const { account } = await store.accounts.recordSignIn(signIn(), SEALED);
    await store.appPasswords.add(appPassword(account.id, "p1"));
    for (const address of ["192.0.2.1", "2001:db8::1"]) {
      await store.appPasswords.recordUse({ appPasswordId: "p1", atMs: START_MS + 5, address });
    }
    assert.equal((await store.appPasswords.get("p1"))?.lastUsedAtMs, undefined);
    await clock.advance(1000);
    const used = (await store.appPasswords.get("p1"))!;
    assert.equal(used.lastUsedAtMs, START_MS + 5);
    assert.equal(used.lastUsedAddress, "2001:db8::1");
  },
);

storeTest("countEach() counts the app passwords of accounts", async ({ store, clock }) => {
  const ids: string[] = [];
  for (const objectId of ["one", "two", "none"]) {
    ids.push((await store.accounts.recordSignIn(signIn({ objectId }), SEALED)).account.id);
  }
  const [one, two, none] = ids as [string, string, string];
  for (const [id, owner] of [["p1", one], ["p2", one], ["p3", two]] as const) {
    await store.appPasswords.add(appPassword(owner, id));
  }
  for (const [appPasswordId, atMs] of [["p1", START_MS + 5], ["p2", START_MS + 3]] as const) {
    await store.appPasswords.recordUse({ appPasswordId, atMs, address: "192.0.2.1" });
  }
  await clock.advance(1000);
  const counts = await store.appPasswords.countEach([one, two, none, "nobody"]);
  assert.deepEqual(
    counts,
    new Map([
      [one, { count: 2, lastUsedAtMs: START_MS + 5 }],
      [two, { count: 1, lastUsedAtMs: undefined }],
    ]),
  );
  assert.equal((await store.appPasswords.countEach([])).size, 0);
});

storeTest("K3: rehash() moves an app password to another hash", async ({ store }) => {
  const { account } = await store.accounts.recordSignIn(signIn(), SEALED);
  await store.appPasswords.add(appPassword(account.id, "p1", { hash: Uint8Array.of(1) }));
  await store.appPasswords.rehash("p1", Uint8Array.of(2));
  await store.flush();
  assert.equal(await store.appPasswords.find([Uint8Array.of(1)]), undefined);
  assert.equal((await store.appPasswords.find([Uint8Array.of(2)]))?.appPassword.id, "p1");
});

storeTest(
  "K4: revocations() are told, whether of an app password or of an account",
  async ({ store }) => {
    const { account: { id } } = await store.accounts.recordSignIn(signIn(), SEALED);
    await store.appPasswords.add(appPassword(id, "p1"));
    await store.appPasswords.add(appPassword(id, "p2"));
    assert.equal(await store.revocations.lastId(), 0);
    await store.appPasswords.delete("p1");
    const [first] = await store.revocations.listAfter(0);
    assert.deepEqual(first, { id: 1, accountId: id, appPasswordId: "p1", isChange: false });
    await store.accounts.delete(id);
    const rest = await store.revocations.listAfter(1);
    assert.ok(
      rest.some((revocation) =>
        revocation.accountId === id && revocation.appPasswordId === undefined
      ),
    );
    assert.equal(await store.revocations.lastId(), rest.at(-1)!.id);
  },
);

storeTest(
  "listAddressed() gives the app passwords that client addresses stand for",
  async ({ store }) => {
    const { account } = await store.accounts.recordSignIn(signIn(), SEALED);
    const clientAddresses = "192.168.1.40/32 fd00::/64";
    await store.appPasswords.add(appPassword(account.id, "p1"));
    await store.appPasswords.add(appPassword(account.id, "p2", { clientAddresses }));
    const found = await store.appPasswords.listAddressed();
    assert.deepEqual(
      found.map((each) => [each.account.id, each.appPassword.id, each.clientAddresses]),
      [[account.id, "p2", clientAddresses]],
    );
    assert.equal((await store.appPasswords.list(account.id))[1]!.clientAddresses, clientAddresses);
  },
);

storeTest(
  "setRules() replaces all rules, and tells other processes of it",
  async ({ store: { accounts, appPasswords, revocations } }) => {
    const { account: { id } } = await accounts.recordSignIn(signIn(), SEALED);
    await appPasswords.add(
      appPassword(id, "p1", { allowedSender: "*@example.com", dailyLimit: 5 }),
    );
    const rules = {
      forcedSender: true,
      allowedRecipients: "*@example.org",
      clientAddresses: "192.168.1.40/32",
    };
    assert.equal(await appPasswords.setRules("p1", rules), true);
    const [changed] = await appPasswords.list(id);
    assert.partialDeepStrictEqual(changed, rules);
    assert.equal(changed!.allowedSender, undefined);
    assert.equal(changed!.dailyLimit, undefined);
    const [told] = await revocations.listAfter(0);
    assert.deepEqual(told, { id: 1, accountId: id, appPasswordId: "p1", isChange: true });
    assert.equal(await appPasswords.rename("p1", "scanner"), true);
    assert.equal(await revocations.lastId(), 1, "a name is no rule");
    assert.equal(await appPasswords.setRules("p2", rules), false);
  },
);

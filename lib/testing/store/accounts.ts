import assert from "node:assert/strict";
import { StoreError } from "../../store/store.ts";
import { appPassword, mailbox, signIn, START_MS } from "../../store/testing.ts";
import { storeTest } from "./store_test_case.ts";

const SEALED = Uint8Array.of(1, 2, 3);
const WORK_TENANT = "22222222-2222-4222-8222-222222222222";

storeTest(
  "recordSignIn() makes an account, and brings it up to date the next time",
  async ({ store }) => {
    const first = await store.accounts.recordSignIn(signIn(), SEALED);
    assert.equal(first.created, true);
    const again = await store.accounts.recordSignIn(
      signIn({ email: "new@example.com", displayName: "A", atMs: START_MS + 5 }),
      Uint8Array.of(4),
    );
    assert.equal(again.created, false);
    assert.deepEqual(again.account, {
      ...first.account,
      signInName: "new@example.com",
      email: "new@example.com",
      displayName: "A",
      signedInAtMs: START_MS + 5,
      refreshedAtMs: START_MS + 5,
    });
    assert.deepEqual(await store.accounts.get(first.account.id), again.account);
    assert.deepEqual(await store.accounts.getByIdentity(signIn()), again.account);
    const tokens = await store.tokens.get(first.account.id);
    assert.deepEqual({ ...tokens }, { sealed: Uint8Array.of(4), version: 2 });
  },
);

storeTest(
  "W3: the same e-mail address from another tenant or object is another account",
  async ({ store }) => {
    const { account } = await store.accounts.recordSignIn(signIn(), SEALED);
    for (
      const change of [{ tenantId: WORK_TENANT }, {
        objectId: "00000000-0000-0000-0000-000000000002",
      }]
    ) {
      const other = await store.accounts.recordSignIn(signIn(change), SEALED);
      assert.equal(other.created, true);
      assert.notEqual(other.account.id, account.id);
    }
    assert.equal((await store.accounts.listByName("ANNA@example.com")).length, 3);
    assert.deepEqual(await store.accounts.get(account.id), account);
  },
);

storeTest(
  "listByName() finds accounts by address, sign-in name and short name, in any case",
  async ({ store: { accounts } }) => {
    const { account: nora } = await accounts.recordSignIn(
      signIn({ signInName: "U4711@corp.example", email: "nora@corp.example" }),
      SEALED,
    );
    await accounts.recordSignIn(signIn({ objectId: "other", email: "other@example.com" }), SEALED);
    await accounts.setShortName(nora.id, "scan");
    for (const name of ["u4711@CORP.example", "NORA@corp.example", "Scan"]) {
      assert.deepEqual((await accounts.listByName(name)).map(({ id }) => id), [nora.id], name);
    }
    assert.deepEqual(await accounts.listByName("nobody"), []);
  },
);

storeTest(
  "confirmSignInName() sets a name once; a sign-in may set another one",
  async ({ store: { accounts } }) => {
    const unconfirmed = signIn({ signInNameConfirmed: false });
    const { account: { id } } = await accounts.recordSignIn(unconfirmed, SEALED);
    assert.equal(await accounts.confirmSignInName(id, "Anna@example.com"), true);
    assert.equal(await accounts.confirmSignInName(id, "Anna@example.com"), false);
    const confirmed = await accounts.get(id);
    assert.equal(confirmed?.signInName, "Anna@example.com");
    assert.equal(confirmed.signInNameConfirmed, true);
    const { account } = await accounts.recordSignIn(signIn({ signInName: "a@b.example" }), SEALED);
    assert.equal(account.signInName, "a@b.example");
    assert.equal(await accounts.confirmSignInName("nobody", "x@y.example"), false);
  },
);

storeTest(
  "refuse() and accept() begin and end the state refused, which a sign-in ends too",
  async ({ store: { accounts, tokens } }) => {
    const { account: { id } } = await accounts.recordSignIn(signIn(), SEALED);
    const stateOf = async () => {
      const { state, stateReason, stateSinceMs } = (await accounts.get(id))!;
      return [state, stateReason, stateSinceMs - START_MS];
    };
    assert.equal(await accounts.accept(id, START_MS + 1), false);
    assert.equal(await accounts.refuse(id, "535 5.7.139 Disabled", START_MS + 2), true);
    assert.equal(await accounts.refuse(id, "535 5.7.139 Disabled", START_MS + 3), false);
    assert.deepEqual(await stateOf(), ["refused", "535 5.7.139 Disabled", 2]);
    assert.equal(await accounts.refuse(id, "550 5.1.8 Blocked", START_MS + 4), true);
    assert.deepEqual(await stateOf(), ["refused", "550 5.1.8 Blocked", 2]);
    assert.equal(await accounts.count({ state: "refused" }), 1);
    assert.equal(await accounts.accept(id, START_MS + 5), true);
    assert.deepEqual(await stateOf(), ["active", undefined, 5]);

    await accounts.refuse(id, "535 5.7.3 No", START_MS + 6);
    await tokens.requireSignIn(id, { version: 1, reason: "invalid_grant", atMs: START_MS + 7 });
    assert.equal(await accounts.refuse(id, "535 5.7.3 No", START_MS + 8), false);
    assert.equal(await accounts.accept(id, START_MS + 8), false);
    assert.deepEqual(await stateOf(), ["sign-in-required", "invalid_grant", 7]);
    await accounts.recordSignIn(signIn({ atMs: START_MS + 9 }), SEALED);
    await accounts.refuse(id, "535 5.7.3 No", START_MS + 10);
    await accounts.recordSignIn(signIn({ atMs: START_MS + 11 }), SEALED);
    assert.deepEqual(await stateOf(), ["active", undefined, 11]);
  },
);

storeTest("setShortName() keeps a name for one account", async ({ store }) => {
  const { account: anna } = await store.accounts.recordSignIn(signIn(), SEALED);
  const { account: work } = await store.accounts.recordSignIn(
    signIn({ tenantId: WORK_TENANT }),
    SEALED,
  );
  assert.equal(await store.accounts.setShortName(anna.id, "scan"), true);
  assert.equal((await store.accounts.get(anna.id))?.shortName, "scan");
  await assert.rejects(
    store.accounts.setShortName(work.id, "scan"),
    (error) => error instanceof StoreError && error.kind === "conflict",
  );
  await store.accounts.setShortName(anna.id, undefined);
  assert.equal(await store.accounts.setShortName(work.id, "scan"), true);
  assert.equal(await store.accounts.setShortName("nobody", "x"), false);
});

storeTest("list() sorts, searches, filters and pages; count() counts", async ({ store }) => {
  const ids: string[] = [];
  for (const [index, name] of ["carl", "Anna", "bob"].entries()) {
    const { account } = await store.accounts.recordSignIn(
      signIn({
        objectId: name,
        email: `${name}@example.com`,
        displayName: `${name} 100%`,
        clientId: `app ${index}`,
        atMs: START_MS + index,
      }),
      SEALED,
    );
    ids.push(account.id);
  }
  const emails = async (query: Partial<Parameters<typeof store.accounts.list>[0]>) =>
    (await store.accounts.list({ limit: 10, ...query })).map(({ email }) => email);
  assert.deepEqual(await emails({}), ["Anna@example.com", "bob@example.com", "carl@example.com"]);
  assert.deepEqual(await emails({ limit: 1, offset: 1 }), ["bob@example.com"]);
  assert.deepEqual(await emails({ search: "ANNA" }), ["Anna@example.com"]);
  assert.deepEqual(await emails({ search: "b_b" }), []);
  assert.equal((await emails({ search: "100%" })).length, 3);
  assert.deepEqual(await emails({ clientId: "app 2" }), ["bob@example.com"]);
  assert.deepEqual(await emails({ refreshedBeforeMs: START_MS + 1 }), ["carl@example.com"]);
  await store.tokens.requireSignIn(ids[0]!, {
    version: 1,
    reason: "invalid_grant",
    atMs: START_MS,
  });
  assert.deepEqual(await emails({ state: "sign-in-required" }), ["carl@example.com"]);
  assert.equal(await store.accounts.count({ state: "active" }), 2);
  assert.equal(await store.accounts.count(), 3);
});

storeTest(
  "listUses() gives all accounts page by page, with their last logins",
  async ({ store }) => {
    const ids: string[] = [];
    for (const objectId of ["1", "2", "3"]) {
      ids.push((await store.accounts.recordSignIn(signIn({ objectId }), SEALED)).account.id);
    }
    const [first, second, third] = ids.sort();
    for (const [id, atMs] of [["p1", 7], ["p2", 9], ["p3", undefined]] as const) {
      await store.appPasswords.add(appPassword(second!, id));
      const use = { appPasswordId: id, atMs: START_MS + (atMs ?? 0), address: "192.0.2.7" };
      if (atMs !== undefined) await store.appPasswords.recordUse(use);
    }
    await store.flush();
    const page = await store.accounts.listUses("", 2);
    assert.deepEqual(page, [
      { account: await store.accounts.get(first!), lastLoginAtMs: undefined },
      { account: await store.accounts.get(second!), lastLoginAtMs: START_MS + 9 },
    ]);
    const rest = await store.accounts.listUses(second!, 2);
    assert.deepEqual(rest.map(({ account }) => account.id), [third]);
  },
);

storeTest(
  "addMailbox() creates a mailbox that nobody signs in to, or moves it to another registration",
  async ({ store }) => {
    await store.accounts.recordSignIn(signIn({ email: "scanner@contoso.example" }), SEALED);
    const first = await store.accounts.addMailbox(mailbox({ displayName: "Scanner" }));
    assert.equal(first.created, true);
    const { id } = first.account;
    assert.deepEqual(first.account, {
      id,
      appOnly: true,
      tenantId: mailbox().tenantId,
      objectId: "scanner@contoso.example",
      signInName: "scanner@contoso.example",
      signInNameConfirmed: true,
      email: "scanner@contoso.example",
      emailVerified: true,
      displayName: "Scanner",
      isInvited: false,
      clientId: mailbox().clientId,
      shortName: undefined,
      state: "active",
      stateReason: undefined,
      stateSinceMs: START_MS,
      createdAtMs: START_MS,
      signedInAtMs: START_MS,
      refreshedAtMs: START_MS,
    });
    await store.accounts.refuse(id, "535 5.7.3", START_MS + 1);
    const moved = { email: "Scanner@contoso.example", clientId: "another", atMs: START_MS + 2 };
    const second = await store.accounts.addMailbox(mailbox(moved));
    assert.equal(second.created, false);
    assert.deepEqual(second.account, {
      ...first.account,
      email: "Scanner@contoso.example",
      signInName: "Scanner@contoso.example",
      displayName: "",
      clientId: "another",
      state: "refused",
      stateReason: "535 5.7.3",
      stateSinceMs: START_MS + 1,
    });
    assert.equal(await store.tokens.get(id), undefined);
  },
);

storeTest(
  "list() and count() tell app-only mailboxes from accounts that have signed in",
  async ({ store }) => {
    await store.accounts.recordSignIn(signIn(), SEALED);
    const { account: { id } } = await store.accounts.addMailbox(mailbox());
    const emails = async (appOnly?: boolean) =>
      (await store.accounts.list({ appOnly, limit: 10 })).map(({ email }) => email);
    assert.deepEqual(await emails(true), ["scanner@contoso.example"]);
    assert.deepEqual(await emails(false), ["anna@example.com"]);
    assert.equal((await emails()).length, 2);
    assert.equal(await store.accounts.count({ appOnly: true }), 1);
    const old = { refreshedBeforeMs: START_MS + 1 };
    assert.equal(await store.accounts.count(old), 1, "a mailbox has no sign-in to renew");
    await store.appPasswords.add(appPassword(id, "p1"));
    const found = await store.appPasswords.find([new TextEncoder().encode("hash of p1")]);
    assert.equal(found?.account.appOnly, true);
    assert.equal(found.account.clientId, mailbox().clientId);
    assert.equal(await store.accounts.delete(id), true);
    assert.deepEqual((await store.revocations.listAfter(0)).map(({ accountId }) => accountId), [
      id,
      id,
    ]);
  },
);

storeTest("an account that was invited stays so", async ({ store }) => {
  const first = await store.accounts.recordSignIn(signIn({ isInvited: true }), SEALED);
  assert.equal(first.account.isInvited, true);
  const again = await store.accounts.recordSignIn(signIn(), SEALED);
  assert.equal(again.account.isInvited, true);
  const other = signIn({ objectId: "00000000-0000-0000-0000-000000000002", email: "b@c.example" });
  assert.equal((await store.accounts.recordSignIn(other, SEALED)).account.isInvited, false);
  await store.accounts.recordSignIn({ ...other, isInvited: true }, SEALED);
  assert.equal((await store.accounts.getByIdentity(other))?.isInvited, true);
});

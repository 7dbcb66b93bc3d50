import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { StoreError } from "../store.ts";
import { appPassword, signIn, START_MS, withStore } from "../testing.ts";
import { FIND } from "./app_passwords.ts";

const SEALED = Uint8Array.of(1);

Deno.test("find() gives the app password with one of the hashes, and its owner", () =>
  withStore(async ({ store }) => {
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
  }));

Deno.test("listAddressed() gives the app passwords that client addresses stand for", () =>
  withStore(async ({ store }) => {
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
  }));

Deno.test("list() gives an account's app passwords, oldest first", () =>
  withStore(async ({ store }) => {
    const { account } = await store.accounts.recordSignIn(signIn(), SEALED);
    await store.appPasswords.add(appPassword(account.id, "p2", { createdAtMs: START_MS + 1 }));
    const { hash: _, ...first } = appPassword(account.id, "p1", { allowedSender: "*@example.com" });
    await store.appPasswords.add({ ...first, hash: SEALED });
    const [one, other] = await store.appPasswords.list(account.id);
    assert.deepEqual(one, { ...first, lastUsedAtMs: undefined, lastUsedAddress: undefined });
    assert.equal(other?.id, "p2");
  }));

Deno.test("find() costs the same for any number of app passwords: it uses indexes", () =>
  withStore(({ path }) => {
    const database = new DatabaseSync(path, { readOnly: true });
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${FIND}`).all(SEALED);
    database.close();
    assert.equal(plan.length, 2);
    assert.match(String(plan[0]!.detail), /^SEARCH app_passwords USING INDEX .*\(hash=\?\)$/);
    assert.match(String(plan[1]!.detail), /^SEARCH accounts USING INDEX .*\(id=\?\)$/);
    return Promise.resolve();
  }));

Deno.test("add() refuses a password that exists already", () =>
  withStore(async ({ store }) => {
    const { account } = await store.accounts.recordSignIn(signIn(), SEALED);
    await store.appPasswords.add(appPassword(account.id, "p1", { hash: SEALED }));
    await assert.rejects(
      store.appPasswords.add(appPassword(account.id, "p2", { hash: SEALED })),
      (error) => error instanceof StoreError && error.kind === "conflict",
    );
  }));

Deno.test("rename() and delete() tell whether it exists", () =>
  withStore(async ({ store }) => {
    const { account } = await store.accounts.recordSignIn(signIn(), SEALED);
    await store.appPasswords.add(appPassword(account.id, "p1"));
    assert.equal(await store.appPasswords.rename("p1", "scanner"), true);
    assert.equal((await store.appPasswords.get("p1"))?.name, "scanner");
    assert.equal(await store.appPasswords.delete("p1"), true);
    assert.equal(await store.appPasswords.delete("p1"), false);
    assert.equal(await store.appPasswords.rename("p1", "x"), false);
    assert.equal(await store.appPasswords.get("p1"), undefined);
  }));

Deno.test("recordUse() is written with its batch, the last use of each", () =>
  withStore(async ({ store, clock }) => {
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
  }));

Deno.test("K3: rehash() moves an app password to another hash", () =>
  withStore(async ({ store }) => {
    const { account } = await store.accounts.recordSignIn(signIn(), SEALED);
    await store.appPasswords.add(appPassword(account.id, "p1", { hash: Uint8Array.of(1) }));
    await store.appPasswords.rehash("p1", Uint8Array.of(2));
    await store.flush();
    assert.equal(await store.appPasswords.find([Uint8Array.of(1)]), undefined);
    assert.equal((await store.appPasswords.find([Uint8Array.of(2)]))?.appPassword.id, "p1");
  }));

Deno.test("K4: revocations() are told, whether of an app password or of an account", () =>
  withStore(async ({ store }) => {
    const { account: { id } } = await store.accounts.recordSignIn(signIn(), SEALED);
    await store.appPasswords.add(appPassword(id, "p1"));
    await store.appPasswords.add(appPassword(id, "p2"));
    assert.equal(await store.revocations.lastId(), 0);
    await store.appPasswords.delete("p1");
    const [first] = await store.revocations.listAfter(0);
    assert.deepEqual(first, { id: 1, accountId: id, appPasswordId: "p1" });
    await store.accounts.delete(id);
    const rest = await store.revocations.listAfter(1);
    assert.ok(
      rest.some((revocation) =>
        revocation.accountId === id && revocation.appPasswordId === undefined
      ),
    );
    assert.equal(await store.revocations.lastId(), rest.at(-1)!.id);
  }));

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { StoreError } from "../store.ts";
import { appPassword, signIn, START_MS, withStore } from "../testing.ts";

const SEALED = Uint8Array.of(1);

Deno.test("find() gives the app password with one of the hashes, and its owner", () =>
  withStore(async ({ store }) => {
    const { account } = await store.accounts.recordSignIn(signIn(), SEALED);
    const { hash, ...expected } = appPassword(account.id, "p1", { allowedSender: "*@example.com" });
    await store.appPasswords.add({ ...expected, hash });
    await store.appPasswords.add(appPassword(account.id, "p2", { createdAtMs: START_MS + 1 }));
    const found = (await store.appPasswords.find([Uint8Array.of(0), hash]))!;
    assert.deepEqual(found.account, account);
    assert.deepEqual(found.hash, hash);
    assert.deepEqual(found.appPassword, {
      ...expected,
      lastUsedAtMs: undefined,
      lastUsedAddress: undefined,
    });
    assert.equal(await store.appPasswords.find([Uint8Array.of(0)]), undefined);
    const names = (await store.appPasswords.list(account.id)).map(({ id }) => id);
    assert.deepEqual(names, ["p1", "p2"]);
  }));

Deno.test("find() costs the same for any number of app passwords: it uses the index", () =>
  withStore(({ path }) => {
    const database = new DatabaseSync(path, { readOnly: true });
    const plan = database.prepare(
      "EXPLAIN QUERY PLAN SELECT * FROM app_passwords WHERE hash = ?",
    ).all(SEALED);
    database.close();
    assert.equal(plan.length, 1);
    assert.match(String(plan[0]!.detail), /^SEARCH app_passwords USING INDEX .*\(hash=\?\)$/);
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

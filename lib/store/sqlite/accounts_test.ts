import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { type AccountOrder, StoreError } from "../store.ts";
import { BY_NAME, LIST_USES } from "./accounts.ts";
import { appPassword, delivery, mailbox, signIn, START_MS, withStore } from "../testing.ts";

const SEALED = Uint8Array.of(1, 2, 3);
const WORK_TENANT = "22222222-2222-4222-8222-222222222222";

Deno.test("recordSignIn() makes an account, and brings it up to date the next time", () =>
  withStore(async ({ store }) => {
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
  }));

Deno.test("W3: the same e-mail address from another tenant or object is another account", () =>
  withStore(async ({ store }) => {
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
  }));

Deno.test("listByName() finds accounts by address, sign-in name and short name, in any case", () =>
  withStore(async ({ store: { accounts } }) => {
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
  }));

Deno.test("listByName() uses indexes", () =>
  withStore(({ path }) => {
    const database = new DatabaseSync(path, { readOnly: true });
    const plan = database.prepare(`EXPLAIN QUERY PLAN SELECT * FROM accounts ${BY_NAME}`).all("x");
    database.close();
    const steps = plan.map(({ detail }) => String(detail));
    assert.equal(steps.filter((step) => step.startsWith("SEARCH accounts USING INDEX")).length, 3);
    assert.ok(steps.every((step) => !step.startsWith("SCAN")), steps.join("; "));
    return Promise.resolve();
  }));

Deno.test("confirmSignInName() sets a name once; a sign-in may set another one", () =>
  withStore(async ({ store: { accounts } }) => {
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
  }));

Deno.test("refuse() and accept() begin and end the state refused, which a sign-in ends too", () =>
  withStore(async ({ store: { accounts, tokens } }) => {
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
  }));

Deno.test("setShortName() keeps a name for one account", () =>
  withStore(async ({ store }) => {
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
  }));

Deno.test("list() sorts, searches, filters and pages; count() counts", () =>
  withStore(async ({ store }) => {
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
  }));

Deno.test("K5: deleting an account leaves none of its rows and none of its octets", () =>
  withStore(async ({ store, path }) => {
    const marks = ["canary-mail", "canary-name", "canary-seal", "canary-pass", "canary-to"];
    const { account } = await store.accounts.recordSignIn(
      signIn({ email: "canary-mail@example.com", displayName: "canary-name" }),
      new TextEncoder().encode("canary-seal".repeat(1000)),
    );
    await store.appPasswords.add(appPassword(account.id, "p1", { name: "canary-pass" }));
    await store.webSessions.add({
      idHash: Uint8Array.of(9),
      accountId: account.id,
      createdAtMs: START_MS,
      expiresAtMs: START_MS + 1000,
    });
    for (let count = 0; count < 50; count++) {
      await store.deliveries.record(delivery(account.id, { recipients: "canary-to@example.org" }));
    }
    await store.flush();
    const present = () => marks.filter((mark) => filesContain(path, mark));
    assert.deepEqual(present(), marks);

    assert.equal(await store.accounts.delete(account.id), true);
    assert.equal(await store.accounts.delete(account.id), false);
    assert.equal(await store.accounts.get(account.id), undefined);
    assert.equal(await store.tokens.get(account.id), undefined);
    assert.deepEqual(await store.appPasswords.list(account.id), []);
    assert.equal(await store.webSessions.get(Uint8Array.of(9), START_MS), undefined);
    assert.deepEqual(await store.deliveries.list({ limit: 10 }), []);
    assert.deepEqual(present(), []);
  }));

function filesContain(path: string, text: string): boolean {
  return ["", "-wal"].some((suffix) =>
    new TextDecoder("latin1").decode(Deno.readFileSync(path + suffix)).includes(text)
  );
}

Deno.test("addMailbox() creates a mailbox that nobody signs in to, or moves it to another registration", () =>
  withStore(async ({ store }) => {
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
  }));

Deno.test("list() and count() tell app-only mailboxes from accounts that have signed in", () =>
  withStore(async ({ store }) => {
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
  }));

Deno.test("listUses() gives all accounts page by page, with their last logins", () =>
  withStore(async ({ store }) => {
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
  }));

Deno.test("listUses() costs the same for each page: it uses indexes", () =>
  withStore(({ path }) => {
    const database = new DatabaseSync(path, { readOnly: true });
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${LIST_USES}`).all("", 1);
    database.close();
    const steps = plan.map(({ detail }) => String(detail));
    assert.match(steps[0]!, /^SEARCH accounts USING INDEX .*\(id>\?\)$/);
    assert.ok(steps.some((step) => /^SEARCH app_passwords .*\(account_id=\?\)$/.test(step)));
    assert.ok(steps.every((step) => !/SCAN|B-TREE/.test(step)), steps.join("; "));
    return Promise.resolve();
  }));

Deno.test("list() orders accounts by address, state, renewal or age", () =>
  withStore(async ({ store: { accounts } }) => {
    const add = async (objectId: string, atMs: number) =>
      (await accounts.recordSignIn(
        signIn({ objectId, email: `${objectId}@example.com`, atMs }),
        Uint8Array.of(1),
      )).account.id;
    const [a, b, c] = [await add("a", 2), await add("b", 3), await add("c", 1)];
    await accounts.refuse(c, "535", 4);
    const ids = async (order?: AccountOrder) =>
      (await accounts.list({ limit: 10, order })).map(({ id }) => id);
    assert.deepEqual(await ids(), [a, b, c]);
    assert.deepEqual(await ids("state"), [c, a, b]);
    assert.deepEqual(await ids("renewed"), [b, a, c]);
    assert.deepEqual(await ids("created"), [b, a, c]);
  }));

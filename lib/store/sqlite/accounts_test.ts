import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { AccountOrder } from "../store.ts";
import { BY_NAME, LIST_USES } from "../sql/accounts.ts";
import { DIALECT } from "./sql.ts";
import { appPassword, delivery, signIn, START_MS, withStore } from "../testing.ts";

Deno.test("listByName() uses indexes", () =>
  withStore(({ path }) => {
    const database = new DatabaseSync(path, { readOnly: true });
    const plan = database.prepare(`EXPLAIN QUERY PLAN SELECT * FROM accounts ${BY_NAME(DIALECT)}`)
      .all("x");
    database.close();
    const steps = plan.map(({ detail }) => String(detail));
    assert.equal(steps.filter((step) => step.startsWith("SEARCH accounts USING INDEX")).length, 3);
    assert.ok(steps.every((step) => !step.startsWith("SCAN")), steps.join("; "));
    return Promise.resolve();
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

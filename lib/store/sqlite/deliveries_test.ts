import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { DeliveryQuery } from "../store.ts";
import { appPassword, delivery, signIn, START_MS, withStore } from "../testing.ts";

const SEALED = Uint8Array.of(1);

Deno.test("list() gives deliveries newest first, with what waits for its batch", () =>
  withStore(async ({ store: { accounts, appPasswords, deliveries } }) => {
    const { account } = await accounts.recordSignIn(signIn(), SEALED);
    await appPasswords.add(appPassword(account.id, "p1", { name: "printer" }));
    const first = delivery(account.id);
    const second = delivery(account.id, {
      appPasswordId: "revoked",
      recipients: undefined,
      reply: undefined,
      queueId: undefined,
      outcome: "abandoned",
    });
    await deliveries.record(first);
    await deliveries.record(second);
    assert.deepEqual(await deliveries.list({ limit: 10 }), [
      { ...second, id: 2, appPasswordName: undefined, attempts: 1, cause: undefined },
      { ...first, id: 1, appPasswordName: "printer", attempts: 1, cause: undefined },
    ]);
  }));

Deno.test("list() searches, filters and pages", () =>
  withStore(async ({ store: { accounts, deliveries } }) => {
    const { account: anna } = await accounts.recordSignIn(signIn(), SEALED);
    const { account: bob } = await accounts.recordSignIn(signIn({ objectId: "bob" }), SEALED);
    await deliveries.record(
      delivery(anna.id, { recipients: "x_1@example.org", originalFrom: "Scanner <s@local>" }),
    );
    await deliveries.record(
      delivery(anna.id, { reply: "550 5.7.60 SendAsDenied", outcome: "refused" }),
    );
    await deliveries.record(delivery(anna.id, { clientAddress: "2001:db8::9" }));
    await deliveries.record(delivery(bob.id, { queueId: "ABC123" }));
    const ids = async (query: Partial<DeliveryQuery>) =>
      (await deliveries.list({ limit: 10, ...query })).map(({ id }) => id);
    assert.deepEqual(await ids({}), [4, 3, 2, 1]);
    assert.deepEqual(await ids({ accountId: anna.id }), [3, 2, 1]);
    assert.deepEqual(await ids({ outcome: "refused" }), [2]);
    assert.deepEqual(await ids({ appPasswordId: "unknown" }), []);
    assert.deepEqual(await ids({ appPasswordId: delivery(anna.id).appPasswordId }), [4, 3, 2, 1]);
    assert.deepEqual(await ids({ sinceMs: delivery(anna.id).atMs }), [4, 3, 2, 1]);
    assert.deepEqual(await ids({ sinceMs: delivery(anna.id).atMs + 1 }), []);
    assert.deepEqual(await ids({ untilMs: delivery(anna.id).atMs }), []);
    assert.deepEqual(await ids({ untilMs: delivery(anna.id).atMs + 1 }), [4, 3, 2, 1]);
    assert.deepEqual(await ids({ search: "sendas" }), [2]);
    assert.deepEqual(await ids({ search: "X_1" }), [1]);
    assert.deepEqual(await ids({ search: "s@local" }), [1]);
    assert.deepEqual(await ids({ search: "x%1" }), []);
    assert.deepEqual(await ids({ search: "abc1" }), [4]);
    assert.deepEqual(await ids({ search: "db8" }), [3]);
    assert.deepEqual(await ids({ limit: 2 }), [4, 3]);
    assert.deepEqual(await ids({ limit: 2, beforeId: 3 }), [2, 1]);
    assert.deepEqual(await ids({ afterId: 2 }), [4, 3]);
  }));

Deno.test("counts() counts by span of time and outcome", () =>
  withStore(async ({ store: { accounts, deliveries } }) => {
    const { account } = await accounts.recordSignIn(signIn(), SEALED);
    const times = [-1, 0, 999, 1000, 1500];
    for (const time of times) {
      await deliveries.record(
        delivery(account.id, {
          atMs: START_MS + time,
          outcome: time === 1500 ? "refused" : "accepted",
        }),
      );
    }
    const query = { sinceMs: START_MS, spanMs: 1000 };
    const expected = [
      { startMs: START_MS, outcome: "accepted", count: 2 },
      { startMs: START_MS + 1000, outcome: "accepted", count: 1 },
      { startMs: START_MS + 1000, outcome: "refused", count: 1 },
    ];
    assert.deepEqual(await deliveries.counts(query), expected);
    assert.deepEqual(await deliveries.counts({ ...query, accountId: account.id }), expected);
    assert.deepEqual(await deliveries.counts({ ...query, accountId: "nobody" }), []);
  }));

const LOGIN = {
  atMs: START_MS,
  clientAddress: "192.0.2.7",
  outcome: "refused",
  reply: "535 5.7.8 Authentication failed",
} as const;

Deno.test("recordRefusedLogin() counts equal logins of an hour, and is searched and counted apart", () =>
  withStore(async ({ store: { accounts, deliveries }, clock }) => {
    const { account: { id: accountId } } = await accounts.recordSignIn(signIn(), SEALED);
    await deliveries.record(delivery(accountId));
    for (const minute of [0, 1, 2, 61]) {
      await deliveries.recordRefusedLogin({
        ...LOGIN,
        accountId,
        atMs: START_MS + minute * 60_000,
      });
      await clock.advance(1000);
    }
    await deliveries.recordRefusedLogin({ ...LOGIN, accountId, clientAddress: "192.0.2.8" });
    const all = await deliveries.list({ accountId, limit: 10 });
    assert.deepEqual(all.map(({ stage, attempts }) => [stage, attempts]), [
      ["auth", 1],
      ["auth", 1],
      ["auth", 3],
      ["data", 1],
    ]);
    const logins = await deliveries.list({ stage: "auth", search: "0.2.8", limit: 10 });
    assert.deepEqual(logins[0], {
      ...{ ...LOGIN, accountId, clientAddress: "192.0.2.8", id: 4, stage: "auth", attempts: 1 },
      ...{ appPasswordId: "", appPasswordName: undefined, sender: "", recipientCount: 0 },
      ...{ recipients: undefined, refusedCount: 0, refusedReply: undefined },
      ...{ originalSender: undefined, originalFrom: undefined },
      ...{ sizeOctets: 0, durationMs: 0, queueId: undefined, cause: undefined },
    });
    const counts = await deliveries.counts({ sinceMs: 0, spanMs: 1000 });
    assert.deepEqual(counts.map(({ count }) => count), [1]);
  }));

Deno.test("recordRefusedLogin() keeps no more than twenty an hour for each account", () =>
  withStore(async ({ store: { accounts, deliveries } }) => {
    const { account: anna } = await accounts.recordSignIn(signIn(), SEALED);
    const { account: bob } = await accounts.recordSignIn(signIn({ objectId: "bob" }), SEALED);
    for (let host = 0; host < 100; host++) {
      const clientAddress = `192.0.2.${host}`;
      await deliveries.recordRefusedLogin({ ...LOGIN, accountId: anna.id, clientAddress });
    }
    await deliveries.recordRefusedLogin({ ...LOGIN, accountId: bob.id });
    await deliveries.recordRefusedLogin({ ...LOGIN, accountId: "nobody" });
    const countOf = async (accountId?: string) =>
      (await deliveries.list({ accountId, limit: 200 })).length;
    assert.equal(await countOf(anna.id), 20);
    assert.equal(await countOf(bob.id), 1);
    assert.equal(await countOf(), 21);
    const later = { ...LOGIN, accountId: anna.id, atMs: START_MS + 3_600_001 };
    await deliveries.recordRefusedLogin(later);
    assert.equal(await countOf(anna.id), 21);
  }));

Deno.test("deleteBefore() removes what is old, and ids are not used again", () =>
  withStore(async ({ store: { accounts, deliveries } }) => {
    const { account } = await accounts.recordSignIn(signIn(), SEALED);
    await deliveries.record(delivery(account.id, { atMs: START_MS - 1 }));
    await deliveries.record(delivery(account.id, { atMs: START_MS - 2 }));
    await deliveries.list({ limit: 1 });
    assert.equal(await deliveries.deleteBefore(START_MS, 1), 1);
    assert.equal(await deliveries.deleteBefore(START_MS, 10), 1);
    await deliveries.record(delivery(account.id));
    assert.deepEqual((await deliveries.list({ limit: 10 })).map(({ id }) => id), [3]);
  }));

Deno.test("K5: a delivery of an account that was deleted in the meantime leaves no row", () =>
  withStore(async ({ store, batchErrors }) => {
    const { account } = await store.accounts.recordSignIn(signIn(), SEALED);
    await store.deliveries.record(delivery(account.id));
    await store.accounts.delete(account.id);
    assert.deepEqual(await store.deliveries.list({ limit: 10 }), []);
    assert.deepEqual(batchErrors, []);
  }));

Deno.test("D1: while another process writes, deliveries wait and are kept later", () =>
  withStore(async ({ store, clock, path, batchErrors }) => {
    const { account } = await store.accounts.recordSignIn(signIn(), SEALED);
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    await store.deliveries.record(delivery(account.id));
    await clock.advance(1000);
    assert.deepEqual(batchErrors.map(({ kind }) => kind), ["locked"]);
    other.exec("ROLLBACK");
    assert.equal(other.prepare("SELECT count(*) AS n FROM deliveries").get()!.n, 0);
    await clock.advance(1000);
    assert.equal(other.prepare("SELECT count(*) AS n FROM deliveries").get()!.n, 1);
    other.close();
  }));

Deno.test("close() writes what waits", () =>
  withStore(async ({ store, path }) => {
    const { account } = await store.accounts.recordSignIn(signIn(), SEALED);
    await store.deliveries.record(delivery(account.id));
    await store.close();
    const database = new DatabaseSync(path);
    assert.equal(database.prepare("SELECT count(*) AS n FROM deliveries").get()!.n, 1);
    database.close();
  }));

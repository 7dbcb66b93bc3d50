import assert from "node:assert/strict";
import { DAY_MS, HOUR_MS } from "../../base/mod.ts";
import { type DeliveryQuery, type DeliverySearch, SEARCH_DEPTH } from "../../store/store.ts";
import { appPassword, delivery, signIn, START_MS } from "../../store/testing.ts";
import { storeTest } from "./store_test_case.ts";

const SEALED = Uint8Array.of(1);

storeTest(
  "list() gives deliveries newest first, with what waits for its batch",
  async ({ store: { accounts, appPasswords, deliveries } }) => {
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
  },
);

storeTest("list() searches, filters and pages", async ({ store: { accounts, deliveries } }) => {
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
});

storeTest(
  "search() filters an account's record and pages by time",
  async ({ store: { accounts, deliveries } }) => {
    const { account: anna } = await accounts.recordSignIn(signIn(), SEALED);
    const { account: bob } = await accounts.recordSignIn(signIn({ objectId: "bob" }), SEALED);
    const atMs = START_MS;
    await deliveries.record(delivery(anna.id, { atMs: atMs + 2 }));
    await deliveries.record(delivery(anna.id, { atMs, outcome: "refused", appPasswordId: "p2" }));
    await deliveries.record(delivery(anna.id, { atMs, queueId: "ABC" }));
    await deliveries.recordRefusedLogin({ ...LOGIN, accountId: anna.id, atMs: atMs + 1 });
    await deliveries.list({ limit: 1 });
    await deliveries.record(delivery(bob.id, { queueId: "ABC" }));
    const ids = async (query: Partial<DeliverySearch>) =>
      (await deliveries.search({ accountId: anna.id, limit: 10, ...query }))
        .found.map(({ id }) => id);
    assert.deepEqual(await ids({}), [1, 4, 3, 2]);
    assert.deepEqual(await ids({ outcome: "refused" }), [4, 2]);
    assert.deepEqual(await ids({ outcome: "refused", appPasswordId: "p2" }), [2]);
    assert.deepEqual(await ids({ outcome: "refused", stage: "auth" }), [4]);
    assert.deepEqual(await ids({ outcome: "accepted", stage: "auth" }), []);
    assert.deepEqual(await ids({ outcome: "accepted", appPasswordId: "p2" }), []);
    assert.deepEqual(await ids({ appPasswordId: "p1" }), [1, 3]);
    assert.deepEqual(await ids({ accountId: bob.id, appPasswordId: "p2" }), []);
    assert.deepEqual(await ids({ sinceMs: atMs + 1 }), [1, 4]);
    assert.deepEqual(await ids({ untilMs: atMs + 2, sinceMs: atMs + 1 }), [4]);
    assert.deepEqual(await ids({ search: "abc" }), [3]);
    assert.deepEqual(await ids({ search: "abc", outcome: "refused" }), []);
    assert.deepEqual(await ids({ beforeId: 4 }), [3, 2]);
    assert.deepEqual(await ids({ beforeId: 3 }), [2]);
    assert.deepEqual(await ids({ beforeId: 99 }), []);
    const pages = [];
    let beforeId: number | undefined;
    do {
      const page = await deliveries.search({ accountId: anna.id, limit: 2, beforeId });
      pages.push(page.found.map(({ id }) => id));
      beforeId = page.olderThanId;
    } while (beforeId !== undefined);
    assert.deepEqual(pages, [[1, 4], [3, 2]]);
  },
);

storeTest(
  "search() looks at a bounded number of records, and goes on from there",
  async ({ store: { accounts, deliveries } }) => {
    const { account: { id: accountId } } = await accounts.recordSignIn(signIn(), SEALED);
    await deliveries.record(delivery(accountId, { queueId: "OLDEST" }));
    for (let count = 0; count < SEARCH_DEPTH; count++) {
      await deliveries.record(delivery(accountId, { atMs: START_MS + 1 }));
    }
    const query = { accountId, search: "oldest", limit: 10 };
    const first = await deliveries.search(query);
    assert.deepEqual(first, { found: [], olderThanId: 2 });
    const { found, olderThanId } = await deliveries.search({ ...query, beforeId: 2 });
    assert.deepEqual([found.map(({ id }) => id), olderThanId], [[1], undefined]);
    assert.deepEqual(await deliveries.list(query), []);
    const unfiltered = await deliveries.search({ accountId, limit: SEARCH_DEPTH + 1 });
    assert.equal(unfiltered.found.length, SEARCH_DEPTH + 1);
    assert.equal(unfiltered.olderThanId, undefined);
  },
);

storeTest(
  "counts() counts by span of time and outcome",
  async ({ store: { accounts, deliveries } }) => {
    const { account } = await accounts.recordSignIn(signIn(), SEALED);
    const startMs = START_MS - START_MS % DAY_MS;
    const times = [-DAY_MS, 0, DAY_MS - 1, DAY_MS, DAY_MS + HOUR_MS];
    for (const time of times) {
      await deliveries.record(
        delivery(account.id, {
          atMs: startMs + time,
          outcome: time > DAY_MS ? "refused" : "accepted",
        }),
      );
    }
    const query = { sinceMs: startMs, spanMs: DAY_MS };
    const expected = [
      { startMs, outcome: "accepted", count: 2 },
      { startMs: startMs + DAY_MS, outcome: "accepted", count: 1 },
      { startMs: startMs + DAY_MS, outcome: "refused", count: 1 },
    ];
    assert.deepEqual(await deliveries.counts(query), expected);
    assert.deepEqual(await deliveries.counts({ ...query, accountId: account.id }), expected);
    assert.deepEqual(await deliveries.counts({ ...query, accountId: "nobody" }), []);
    assert.deepEqual(await deliveries.counts({ sinceMs: startMs + DAY_MS, spanMs: HOUR_MS }), [
      { startMs: startMs + DAY_MS, outcome: "accepted", count: 1 },
      { startMs: startMs + DAY_MS + HOUR_MS, outcome: "refused", count: 1 },
    ]);
    await deliveries.deleteBefore(startMs + DAY_MS, 10);
    assert.deepEqual(await deliveries.counts(query), expected.slice(1));
    assert.deepEqual(
      await deliveries.counts({ ...query, accountId: account.id }),
      expected.slice(1),
    );
    await accounts.delete(account.id);
    assert.deepEqual(await deliveries.counts(query), expected.slice(1));
    assert.deepEqual(await deliveries.counts({ ...query, accountId: account.id }), []);
  },
);

const LOGIN = {
  atMs: START_MS,
  clientAddress: "192.0.2.7",
  outcome: "refused",
  reply: "535 5.7.8 Authentication failed",
} as const;

storeTest(
  "recordRefusedLogin() counts equal logins of an hour, and is searched and counted apart",
  async ({ store: { accounts, deliveries }, clock }) => {
    const { account: { id: accountId } } = await accounts.recordSignIn(signIn(), SEALED);
    await deliveries.record(delivery(accountId));
    for (const minute of [0, 1, 2, 61]) {
      await deliveries.recordRefusedLogin({
        ...LOGIN,
        accountId,
        atMs: START_MS + minute * 60_000,
      });
      await clock.advance(1000);
      // Waits for the batch that the clock has begun to write, however slow the machine is.
      await deliveries.list({ limit: 1 });
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
    const counts = await deliveries.counts({ sinceMs: 0, spanMs: HOUR_MS });
    assert.deepEqual(counts.map(({ count }) => count), [1]);
  },
);

storeTest(
  "recordRefusedLogin() keeps no more than twenty an hour for each account",
  async ({ store: { accounts, deliveries } }) => {
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
  },
);

storeTest(
  "deleteBefore() removes what is old, and ids are not used again",
  async ({ store: { accounts, deliveries } }) => {
    const { account } = await accounts.recordSignIn(signIn(), SEALED);
    await deliveries.record(delivery(account.id, { atMs: START_MS - 1 }));
    await deliveries.record(delivery(account.id, { atMs: START_MS - 2 }));
    await deliveries.list({ limit: 1 });
    assert.equal(await deliveries.deleteBefore(START_MS, 1), 1);
    assert.equal(await deliveries.deleteBefore(START_MS, 10), 1);
    await deliveries.record(delivery(account.id));
    assert.deepEqual((await deliveries.list({ limit: 10 })).map(({ id }) => id), [3]);
  },
);

storeTest(
  "K5: a delivery of an account that was deleted in the meantime leaves no row",
  async ({ store, batchErrors }) => {
    const { account } = await store.accounts.recordSignIn(signIn(), SEALED);
    await store.deliveries.record(delivery(account.id));
    await store.accounts.delete(account.id);
    assert.deepEqual(await store.deliveries.list({ limit: 10 }), []);
    assert.deepEqual(batchErrors, []);
  },
);

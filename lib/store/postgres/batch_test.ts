import assert from "node:assert/strict";
import { databaseConfig, needsPostgres, sharedCluster } from "../../../test/postgres.ts";
import { TcpProxy } from "../../../test/tcp_proxy.ts";
import { DAY_MS, HOUR_MS } from "../../base/mod.ts";
import type { Store } from "../store.ts";
import { StoreError } from "../store.ts";
import { appPassword, delivery, signIn, START_MS } from "../testing.ts";
import { PostgresBatch, type Writer } from "./batch.ts";
import { PostgresStore } from "./postgres_store.ts";

const cluster = await sharedCluster();

/** Registers a test with a database that is reached through a proxy, and without it. */
function batchTest(
  name: string,
  test: (lossy: PostgresStore, direct: PostgresStore, proxy: TcpProxy) => Promise<void>,
): void {
  Deno.test({
    name,
    ...needsPostgres,
    async fn() {
      const database = await cluster!.createMigratedDatabase();
      await using proxy = await TcpProxy.start(cluster!.port);
      const open = (port?: number) =>
        PostgresStore.open(databaseConfig(cluster!.url(database, port)));
      const [lossy, direct] = [await open(proxy.port), await open()];
      try {
        await test(lossy, direct, proxy);
      } finally {
        for (const store of [lossy, direct]) await store.close();
        await cluster!.dropDatabase(database);
      }
    },
  });
}

async function addAccount({ accounts, appPasswords }: Store): Promise<string> {
  const { account: { id } } = await accounts.recordSignIn(signIn(), Uint8Array.of(1));
  await appPasswords.add(appPassword(id, "p1"));
  return id;
}

const LOGIN = { clientAddress: "192.0.2.1", outcome: "refused", reply: "535 no" } as const;

batchTest(
  "R4: a batch is written once, also when the connection is lost after COMMIT and before its answer",
  async (lossy, direct, proxy) => {
    const accountId = await addAccount(direct);
    for (let round = 0; round < 3; round++) {
      const lost = proxy.loseAnswerTo("COMMIT", "cut");
      for (let count = 0; count < 5; count++) await lossy.deliveries.record(delivery(accountId));
      await lossy.deliveries.recordRefusedLogin({ ...LOGIN, accountId, atMs: START_MS });
      await lossy.appPasswords.recordUse({ appPasswordId: "p1", atMs: round, address: "::1" });
      await assert.rejects(lossy.flush(), StoreError);
      await lost;
      // Comes while nobody knows what became of the others.
      await lossy.deliveries.record(delivery(accountId));
      await lossy.flush();
    }
    const rows = await direct.deliveries.list({ limit: 100 });
    assert.deepEqual(rows.filter(({ stage }) => stage === "data").map(({ id }) => id).length, 18);
    const logins = rows.filter(({ stage }) => stage === "auth");
    assert.deepEqual(logins.map(({ attempts }) => attempts), [3]);
    for (const query of [{ spanMs: HOUR_MS }, { spanMs: DAY_MS, accountId }]) {
      const counts = await direct.deliveries.counts({ sinceMs: 0, ...query });
      assert.deepEqual(counts.map(({ count }) => count), [18]);
    }
    assert.equal((await direct.appPasswords.get("p1"))?.lastUsedAtMs, 2);
  },
);

batchTest(
  "R4: a replica that is cut off in the midst of a batch keeps the others from nothing for long",
  async (lossy, direct, proxy) => {
    const accountId = await addAccount(direct);
    await lossy.deliveries.record(delivery(accountId));
    const lost = proxy.loseAnswerTo("pg_advisory_xact_lock", "swallow");
    const hanging = lossy.flush().catch((error) => error);
    await lost;
    await direct.deliveries.record(delivery(accountId));
    await direct.flush();
    assert.equal((await direct.deliveries.list({ limit: 9 })).length, 1);
    proxy.cut();
    assert.ok(await hanging instanceof StoreError);
    await lossy.flush();
    assert.equal((await direct.deliveries.list({ limit: 9 })).length, 2);
  },
);

/** A batch whose database answers as a test says. */
function playedBatch(write: (values: readonly unknown[]) => void) {
  const errors: StoreError[] = [];
  const written: unknown[] = [];
  const statements = { all: () => Promise.resolve([]), run: () => Promise.resolve(1) };
  const database = {
    transaction: async <Result>(work: (played: never) => Promise<Result>) =>
      await work(statements as never),
  };
  const batch = new PostgresBatch(
    database,
    { setTimer: () => ({ cancel: () => {} }) },
    (error) => void errors.push(error),
  );
  const writer: Writer<unknown> = {
    order: 1,
    write: (_, values) => {
      write(values);
      written.push(...values);
      return Promise.resolve();
    },
  };
  return { batch, writer, errors, written };
}

Deno.test("PostgresBatch drops a write that can never succeed, and keeps the others", async () => {
  const { batch, writer, errors, written } = playedBatch((values) => {
    if (values.includes("bad")) throw new StoreError("conflict", "never");
  });
  for (const value of ["a", "bad", "b"]) await batch.add(value, writer, value);
  await batch.flush();
  assert.deepEqual(written, ["a", "b"]);
  assert.equal(errors.length, 1);
});

for (const kind of ["unavailable", "locked", "full", "read-only", "corrupt"] as const) {
  Deno.test(`PostgresBatch keeps everything while the database is ${kind}`, async () => {
    let fails = true;
    const { batch, writer, written } = playedBatch(() => {
      if (fails) throw new StoreError(kind, "later");
    });
    for (const value of [1, 2]) await batch.add(value, writer, value);
    await assert.rejects(batch.flush(), { kind });
    await batch.add(3, writer, 3);
    await assert.rejects(batch.flush(), { kind });
    fails = false;
    await batch.flush();
    assert.deepEqual(written, [1, 2, 3]);
  });
}

Deno.test("PostgresBatch drops the oldest writes when ten thousand wait", async () => {
  let fails = true;
  const { batch, writer, written } = playedBatch(() => {
    if (fails) throw new StoreError("unavailable", "later");
  });
  for (let value = 0; value < 9_000; value++) await batch.add(value, writer, value);
  await assert.rejects(batch.flush());
  for (let value = 9_000; value < 12_000; value++) await batch.add(value, writer, value);
  fails = false;
  await batch.flush();
  assert.deepEqual([written.length, written[0], written.at(-1)], [10_000, 2_000, 11_999]);
});

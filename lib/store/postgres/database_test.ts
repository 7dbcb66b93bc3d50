import assert from "node:assert/strict";
import type pg from "pg";
import { Cluster, databaseConfig, needsPostgres, sharedCluster } from "../../../test/postgres.ts";
import { eventually } from "../../../test/replicas/testbed.ts";
import { CertificateAuthority } from "../../../tools/simulate/certificates.ts";
import { TcpProxy } from "../../../test/tcp_proxy.ts";
import { StoreError, type StoreErrorKind } from "../store.ts";
import { appPassword, delivery, signIn } from "../testing.ts";
import { checkServer, MIGRATIONS } from "./migrations.ts";
import { PostgresStore } from "./postgres_store.ts";

const cluster = await sharedCluster();
const SEALED = Uint8Array.of(1);

/** Registers a test with a database that has no tables yet. */
function emptyDatabaseTest(name: string, test: DatabaseTest): void {
  databaseTest(name, test, () => cluster!.createDatabase());
}

type DatabaseTest = (url: string, database: string) => Promise<void>;

/** Registers a test with a database. */
function databaseTest(
  name: string,
  test: DatabaseTest,
  create = () => cluster!.createMigratedDatabase(),
): void {
  Deno.test({
    name,
    ...needsPostgres,
    async fn() {
      const database = await create();
      try {
        await test(cluster!.url(database), database);
      } finally {
        await cluster!.dropDatabase(database);
      }
    },
  });
}

/** Matches a StoreError, which never shows the password. */
function isStoreError(kind: StoreErrorKind, message: RegExp) {
  return (error: unknown) => {
    assert.doesNotMatch(Deno.inspect(error), /secret-of-the-database/);
    return error instanceof StoreError && error.kind === kind && message.test(error.message);
  };
}

async function withStore(url: string, work: (store: PostgresStore) => Promise<void>) {
  const store = await PostgresStore.open(databaseConfig(url));
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

emptyDatabaseTest(
  "R1: eight processes open an empty database at the same time",
  async (url, database) => {
    const stores = await Promise.all(
      Array.from({ length: 8 }, () => PostgresStore.open(databaseConfig(url))),
    );
    for (const store of stores) await store.close();
    const rows = await cluster!.query(database, "SELECT version FROM meta");
    assert.deepEqual(rows, [{ version: MIGRATIONS.length }]);
  },
);

databaseTest(
  "R2: a newer schema is read by older programs as far as it allows",
  async (url, database) => {
    await withStore(url, () => Promise.resolve());
    const set = (readableBy: number) =>
      cluster!.query(database, `UPDATE meta SET version = 99, readable_by = ${readableBy}`);
    await set(MIGRATIONS.length);
    await withStore(url, (store) => store.check());
    await set(99);
    await assert.rejects(
      PostgresStore.open(databaseConfig(url)),
      isStoreError("newer", /version 99.*newer program/),
    );
  },
);

emptyDatabaseTest("R1: the database of another program is left as it is", async (url, database) => {
  await cluster!.query(database, "CREATE TABLE accounts (x int)");
  await assert.rejects(
    PostgresStore.open(databaseConfig(url)),
    isStoreError("foreign", /another program/),
  );
  assert.deepEqual(await cluster!.query(database, "SELECT to_regclass('meta') AS meta"), [
    { meta: null },
  ]);
});

emptyDatabaseTest("R1: the tables may be in a schema of the user's own", async (url, database) => {
  const schema = "CREATE ROLE tenant LOGIN; CREATE SCHEMA mail AUTHORIZATION tenant";
  await cluster!.query(database, `${schema}; ALTER ROLE tenant SET search_path = mail`);
  await withStore(url.replace("proxy:", "tenant:"), async (store) => {
    const { account: { id } } = await store.accounts.recordSignIn(signIn(), SEALED);
    await store.appPasswords.add(appPassword(id, "p1"));
    assert.equal(await store.appPasswords.delete("p1"), true);
    assert.equal((await store.revocations.listAfter(0)).length, 1);
    await store.deliveries.record(delivery(id));
    assert.equal((await store.deliveries.list({ limit: 9 })).length, 1);
  });
  const [found] = await cluster!.query(database, "SELECT to_regclass('public.meta') AS meta");
  assert.equal(found?.meta, null);
  await cluster!.query(database, "DROP OWNED BY tenant CASCADE; DROP ROLE tenant");
});

databaseTest("R1: what is wrong with an address is said, without its secrets", async (url) => {
  const open = (text: string) => PostgresStore.open(databaseConfig(text));
  await assert.rejects(
    open(url.replace(/test_\d+/, "nowhere")),
    isStoreError("other", /Create the database/),
  );
  await assert.rejects(
    open(url.replace("proxy:", "stranger:")),
    isStoreError("other", /user and the password/),
  );
  await assert.rejects(
    open(url.replace(/:\d+\//, ":1/")),
    isStoreError("unavailable", /127\.0\.0\.1:1\/.*firewall/),
  );
  await assert.rejects(
    open(`${url}?sslmode=verify-full`),
    isStoreError("other", /does not support SSL.*ssl = on/),
  );
});

Deno.test("R1: a server before version 14, or with another encoding, is refused", async () => {
  const answering = (row: object) =>
    ({ query: () => Promise.resolve({ rows: [row] }) }) as unknown as pg.Client;
  await assert.rejects(
    checkServer(answering({ number: 130_014, version: "13.14", encoding: "UTF8" }), "db:1/x"),
    isStoreError("other", /PostgreSQL 13\.14.*14 or later/),
  );
  await assert.rejects(
    checkServer(answering({ number: 150_000, version: "15.0", encoding: "LATIN1" }), "db:1/x"),
    isStoreError("other", /LATIN1.*UTF8/),
  );
});

databaseTest(
  "R1: a NUL in any text harms nothing, and keeps no batch back",
  (url) =>
    withStore(url, async (store) => {
      const names = { displayName: "A\0B", email: "nul\0@example.com" };
      const { account } = await store.accounts.recordSignIn(signIn(names), SEALED);
      assert.equal(account.displayName, "A\uFFFDB");
      await store.appPasswords.add(appPassword(account.id, "p1", { name: "x\0" }));
      await store.appPasswords.recordUse({ appPasswordId: "p1", atMs: 1, address: "\0" });
      const texts = {
        sender: "\0",
        recipients: "\0",
        reply: "\0",
        originalFrom: "\0",
        queueId: "\0",
      };
      await store.deliveries.record(delivery(account.id, texts));
      await store.deliveries.recordRefusedLogin({
        accountId: account.id,
        atMs: 1,
        clientAddress: "\0",
        outcome: "refused",
        reply: "\0",
      });
      await store.flush();
      assert.equal((await store.deliveries.list({ limit: 10, search: "\uFFFD" })).length, 2);
      assert.deepEqual(await store.accounts.listByName("\0"), []);
    }),
);

databaseTest(
  "R4: a lost connection is replaced, and the question asked again",
  async (url, database) => {
    await using proxy = await TcpProxy.start(cluster!.port);
    const { port } = proxy;
    await withStore(cluster!.url(database, port), async (store) => {
      for (let round = 0; round < 5; round++) {
        await store.check();
        proxy.cut();
        await store.check();
      }
      await proxy.refuse();
      await assert.rejects(store.check(), isStoreError("unavailable", new RegExp(`${port}`)));
      await proxy.pass();
      await eventually("the database is back", () => store.check().then(() => true, () => false));
    });
    assert.match(url, /test_/);
  },
);

databaseTest(
  "R3: deliveries of several replicas become visible in the order of their ids",
  async (url) => {
    const stores = await Promise.all([1, 2, 3].map(() => PostgresStore.open(databaseConfig(url))));
    const [reader] = stores as [PostgresStore];
    const { account } = await reader.accounts.recordSignIn(signIn(), SEALED);
    const write = async (store: PostgresStore) => {
      for (let count = 0; count < 40; count++) {
        await store.deliveries.record(delivery(account.id));
        await store.flush();
      }
    };
    let done = false;
    const writing = Promise.all(stores.slice(1).map(write)).then(() => done = true);
    const seen: number[] = [];
    for (let isLast = false; !isLast;) {
      isLast = done;
      const afterId = seen.at(-1) ?? 0;
      const news = await reader.deliveries.list({ afterId, limit: 1000 });
      seen.push(...news.map(({ id }) => id).reverse());
    }
    await writing;
    assert.equal(seen.length, 80);
    for (const store of stores) await store.close();
  },
);

Deno.test({
  name: "R1: the server's certificate and name are verified",
  ...needsPostgres,
  async fn() {
    await using cluster = await Cluster.start(); // Other tests need one that does not offer TLS.
    const url = cluster.url(await cluster.createDatabase());
    const authority = await CertificateAuthority.create("Test");
    const { cert, key } = await authority.issue({ names: ["127.0.0.1"] });
    await cluster.useCertificate(cert, key);
    const config = databaseConfig(`${url}?sslmode=verify-full`);
    const ca = authority.certificate;
    await eventually("the server offers TLS", async () => {
      try {
        await (await PostgresStore.open({ ...config, ca })).close();
        return true;
      } catch (error) {
        if (error instanceof StoreError && /does not support SSL/.test(error.message)) return false;
        throw error;
      }
    });
    const refused = isStoreError("other", /DATABASE_CA_FILE/);
    await assert.rejects(PostgresStore.open(config), refused);
    const stranger = await CertificateAuthority.create("Test");
    await assert.rejects(PostgresStore.open({ ...config, ca: stranger.certificate }), refused);
    await assert.rejects(PostgresStore.open({ ...config, host: "localhost", ca }), refused);
  },
});

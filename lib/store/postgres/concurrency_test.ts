/** Writers who come in each other's way, and servers whose operators have set them up in their own ways. */
import assert from "node:assert/strict";
import { databaseConfig, needsPostgres, sharedCluster } from "../../../test/postgres.ts";
import { StoreError } from "../store.ts";
import { appPassword, delivery, signIn, START_MS } from "../testing.ts";
import { PostgresStore } from "./postgres_store.ts";

const cluster = await sharedCluster();
const SEALED = Uint8Array.of(1);

/** Registers a test with a database. */
function databaseTest(
  name: string,
  test: (open: (user?: string) => Promise<PostgresStore>, database: string) => Promise<void>,
  create = () => cluster!.createMigratedDatabase(),
): void {
  Deno.test({
    name,
    ...needsPostgres,
    async fn() {
      const database = await create();
      const opened: PostgresStore[] = [];
      const open = async (user = "proxy") => {
        const url = cluster!.url(database).replace("proxy:", `${user}:`);
        const store = await PostgresStore.open(databaseConfig(url));
        opened.push(store);
        return store;
      };
      try {
        await test(open, database);
      } finally {
        for (const store of opened) if (store.isOpen) await store.close().catch(() => {});
        await cluster!.dropDatabase(database);
      }
    },
  });
}

databaseTest(
  "R3: whatever refers to accounts that are deleted at the same time ends well, or says that they are gone",
  async (open, database) => {
    const stores = await Promise.all([open(), open(), open()]);
    const [first] = stores;
    const failures: unknown[] = [];
    const attempt = (work: Promise<unknown>) => work.catch((error) => void failures.push(error));
    for (let round = 0; round < 12; round++) {
      const { account: { id } } = await first.accounts.recordSignIn(signIn(), SEALED);
      await first.appPasswords.add(appPassword(id, `a${round}`));
      await first.appPasswords.add(appPassword(id, `b${round}`));
      const [atMs, address] = [START_MS, "::1"];
      await Promise.all(stores.flatMap((store, index) => {
        void store.deliveries.record(delivery(id));
        for (const name of index % 2 > 0 ? ["a", "b"] : ["b", "a"]) {
          void store.appPasswords.recordUse({ appPasswordId: `${name}${round}`, atMs, address });
        }
        const idHash = crypto.getRandomValues(new Uint8Array(32));
        return [
          attempt(store.flush()),
          attempt(store.appPasswords.add(appPassword(id, `${index} ${round}`))),
          attempt(
            store.webSessions.add({ idHash, accountId: id, createdAtMs: 1, expiresAtMs: 2 }),
          ),
          attempt(store.tokens.replace(id, { sealed: SEALED, version: 1 }, { refreshedAtMs: 1 })),
          attempt(store.accounts.setShortName(id, "same")),
          attempt(store.webSessions.deleteExpired(START_MS)),
          attempt(store.appPasswords.delete(`a${round}`)),
          attempt(store.accounts.recordSignIn(signIn({ atMs: round }), SEALED)),
          attempt(store.accounts.delete(id)),
        ];
      }));
    }
    for (const error of failures) {
      assert.ok(error instanceof StoreError && error.kind === "gone", Deno.inspect(error));
    }
    assert.ok(failures.length > 0);
    const orphans = "SELECT 1 FROM deliveries WHERE account_id NOT IN (SELECT id FROM accounts)";
    assert.deepEqual(await cluster!.query(database, orphans), []);
  },
);

databaseTest(
  "R3: what others undo by writing at the same time is repeated",
  async (open, database) => {
    await cluster!.query(
      "postgres",
      `ALTER DATABASE ${database} SET default_transaction_isolation = 'serializable'`,
    );
    const stores = await Promise.all([open(), open(), open(), open()]);
    const [first] = stores;
    const { account: { id } } = await first.accounts.recordSignIn(signIn(), SEALED);
    await Promise.all(stores.map(async (store) => {
      for (let round = 0; round < 20; round++) {
        await store.deliveries.record(delivery(id));
        await store.flush();
        await store.accounts.recordSignIn(signIn({ atMs: round }), SEALED);
      }
    }));
    const [count] = await first.deliveries.counts({ sinceMs: 0, spanMs: 3_600_000 });
    assert.equal(count?.count, 80);
  },
);

databaseTest(
  "R2: a replica goes on when another one brings the schema up to date",
  async (open, database) => {
    const store = await open();
    const { account: { id } } = await store.accounts.recordSignIn(signIn(), SEALED);
    const look = async () => {
      await Promise.all(Array.from({ length: 20 }, () => store.accounts.get(id)));
      await store.accounts.recordSignIn(signIn(), SEALED);
      await store.accounts.addMailbox({ ...signIn({ objectId: "m" }), displayName: "" });
      await store.deliveries.list({ limit: 1 });
    };
    await look();
    await cluster!.query(database, "ALTER TABLE accounts ADD COLUMN colour text");
    await cluster!.query(database, "ALTER TABLE deliveries ADD COLUMN weight int DEFAULT 0");
    await look();
  },
);

databaseTest(
  "R1: the operator's settings of a database and its users change nothing",
  async (open, database) => {
    const settings = {
      bytea_output: "escape",
      datestyle: "'German'",
      timezone: "'Asia/Kathmandu'",
      intervalstyle: "'sql_standard'",
      extra_float_digits: "-3",
      client_encoding: "'LATIN1'",
      standard_conforming_strings: "off",
      row_security: "off",
      lock_timeout: "'30s'",
      enable_seqscan: "off",
    };
    for (const [name, value] of Object.entries(settings)) {
      await cluster!.query("postgres", `ALTER DATABASE ${database} SET ${name} = ${value}`);
    }
    const store = await open();
    const sealed = Uint8Array.from({ length: 256 }, (_, octet) => octet);
    const { account } = await store.accounts.recordSignIn(
      signIn({ displayName: "\u00c4\\'\u{1F600}" }),
      sealed,
    );
    assert.equal(account.displayName, "\u00c4\\'\u{1F600}");
    assert.deepEqual((await store.tokens.get(account.id))?.sealed, sealed);
    const durationMs = 0.1 + 0.2;
    await store.deliveries.record(delivery(account.id, { durationMs, sender: "NULL" }));
    const [row] = await store.deliveries.list({ limit: 1 });
    assert.deepEqual([row?.sender, row?.reply], ["NULL", "250 2.0.0 OK"]);
    assert.ok(Math.abs(row!.durationMs - durationMs) < 1e-9);
  },
);

databaseTest(
  "R4: a statement that the server cancels or has no room for keeps what was to be written",
  async (open, database) => {
    const store = await open();
    const { account: { id } } = await store.accounts.recordSignIn(signIn(), SEALED);
    for (const code of ["57014", "53100", "53200", "58030", "42P01", "XX000"]) {
      await cluster!.query(
        database,
        `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE 'no' USING ERRCODE = '${code}'; END $$;
         CREATE TRIGGER fails BEFORE INSERT ON deliveries EXECUTE FUNCTION fail()`,
      );
      await store.deliveries.record(delivery(id));
      await assert.rejects(store.flush(), StoreError);
      await cluster!.query(database, "DROP FUNCTION fail CASCADE");
      await store.flush();
    }
    assert.equal((await store.deliveries.list({ limit: 9 })).length, 6);
  },
);

databaseTest(
  "R4: slow pages keep no login waiting, however many they are",
  async (open) => {
    const store = await open();
    const { account: { id } } = await store.accounts.recordSignIn(signIn(), SEALED);
    await store.appPasswords.add(appPassword(id, "p1"));
    const hash = new TextEncoder().encode("hash of p1");
    const lock = "SELECT pg_advisory_xact_lock(7)";
    const slow = await (await open()).shared.transaction(async (holder) => {
      await holder.all(lock);
      const waiting = Array.from({ length: 20 }, () => store.shared.report(lock));
      for (let count = 0; count < 20; count++) {
        assert.equal((await store.appPasswords.find([hash]))?.account.id, id);
      }
      return [Promise.all(waiting)];
    });
    await Promise.all(slow);
  },
);

databaseTest(
  "R4: an address for notifications that leads nowhere does no harm",
  async (_, database) => {
    const config = databaseConfig(cluster!.url(database));
    const store = await PostgresStore.open({ ...config, listen: { ...config, port: 1 } });
    const stop = store.shared.listen(() => assert.fail("nobody is there"));
    const { account: { id } } = await store.accounts.recordSignIn(signIn(), SEALED);
    await store.accounts.delete(id);
    assert.equal((await store.revocations.listAfter(0)).length, 1);
    await stop();
    await store.close();
  },
);

databaseTest(
  "R4: with fewer connections than wanted, those that there are do",
  async (open, database) => {
    const user = `few_${database}`;
    await cluster!.query(
      "postgres",
      `CREATE ROLE ${user} LOGIN CONNECTION LIMIT 3; ALTER DATABASE ${database} OWNER TO ${user}`,
    );
    await cluster!.query(database, `ALTER SCHEMA public OWNER TO ${user}`);
    const store = await open(user);
    const { account: { id } } = await store.accounts.recordSignIn(signIn(), SEALED);
    const found = await Promise.all(Array.from({ length: 50 }, () => store.accounts.get(id)));
    assert.ok(found.every((account) => account?.id === id));
    await store.close();
    await cluster!.query(database, `DROP OWNED BY ${user} CASCADE`);
    await cluster!.query("postgres", `ALTER DATABASE ${database} OWNER TO proxy`);
    await cluster!.query("postgres", `DROP ROLE ${user}`);
  },
  () => cluster!.createDatabase(),
);

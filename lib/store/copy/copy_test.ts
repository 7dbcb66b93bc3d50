import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { databaseConfig, needsPostgres, sharedCluster } from "../../../test/postgres.ts";
import { PostgresStore } from "../postgres/postgres_store.ts";
import { SqliteStore } from "../sqlite/sqlite_store.ts";
import { type Store, StoreError } from "../store.ts";
import { appPassword, delivery, mailbox, signIn, START_MS, withDirectory } from "../testing.ts";
import { copyToPostgres, copyToSqlite } from "./mod.ts";
import { TABLES } from "./tables.ts";

const cluster = await sharedCluster();

function copyTest(
  name: string,
  test: (config: ReturnType<typeof databaseConfig>, directory: string) => Promise<void>,
): void {
  Deno.test({
    name,
    ...needsPostgres,
    async fn() {
      const database = await cluster!.createMigratedDatabase();
      try {
        await withDirectory((directory) => test(databaseConfig(cluster!.url(database)), directory));
      } finally {
        await cluster!.dropDatabase(database);
      }
    },
  });
}

/** Fills a database with some of everything, and a mailbox beside these accounts. */
async function fill(store: Store, accountCount = 2): Promise<void> {
  for (let number = 0; number < accountCount; number++) {
    const { account: { id } } = await store.accounts.recordSignIn(
      signIn({ objectId: `${number}`, email: `Ä${number}@example.com`, displayName: "\u{1F600}" }),
      Uint8Array.of(number, 255, 0),
    );
    await store.appPasswords.add(appPassword(id, `p${number}`, { forcedSender: number % 2 > 0 }));
    await store.appPasswords.add(appPassword(id, `gone${number}`));
    await store.appPasswords.delete(`gone${number}`);
    for (let count = 0; count < 60; count++) {
      await store.deliveries.record(delivery(id, { durationMs: count / 7, sender: "a\0b" }));
    }
    const [idHash, createdAtMs] = [Uint8Array.of(number), START_MS];
    await store.webSessions.add({ idHash, accountId: id, createdAtMs, expiresAtMs: START_MS });
  }
  await store.accounts.addMailbox(mailbox());
  const long = "\u{1F4E8}\u00e4\\'\"\n".repeat(20_000);
  const [first] = await store.accounts.list({ limit: 1 });
  for (const text of ["", "\0", "a\0\0b", "\uFFFD", "NULL", "{a,b}", "\\N", "\u202E", long]) {
    const all = { sender: text, recipients: text, reply: text, originalFrom: text, queueId: text };
    await store.deliveries.record(delivery(first!.id, all));
    await store.audit.record({ atMs: START_MS, actor: text, action: text, subject: text });
  }
  await store.sealedValues.replace("token", new Uint8Array(100_000).fill(0x5c), 0);
  await store.sealedValues.replace("token", Uint8Array.of(0, 39, 92, 255), 1);
  await store.adminGrants.add({ kind: "link", hash: Uint8Array.of(0, 1), expiresAtMs: START_MS });
  await store.flush();
}

/** Everything in a file, by table. */
function contentOf(path: string): string {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = TABLES.map(({ name, columns }) =>
    database.prepare(`SELECT ${Object.keys(columns)} FROM ${name} ORDER BY 1`).all()
  );
  rows.push(
    ...["delivery_hours", "delivery_days"].map((name) =>
      database.prepare(`SELECT * FROM ${name} ORDER BY 1, 2, 3`).all()
    ),
  );
  database.close();
  return Deno.inspect(rows, { depth: 9, iterableLimit: Infinity, strAbbreviateSize: Infinity });
}

copyTest(
  "R2: a copy to PostgreSQL and back has identical rows, and goes on from there",
  async (config, directory) => {
    const [first, second] = [join(directory, "a.sqlite"), join(directory, "b.sqlite")];
    const store = await SqliteStore.open(first);
    await fill(store, 40);
    await store.close();
    const report = await copyToPostgres(first, config);
    assert.deepEqual([report.accounts, report.deliveries, report.revocations], [41, 2409, 40]);
    assert.deepEqual([report.audit, report.admin_grants, report.sealed_values], [9, 1, 1]);
    assert.deepEqual(await copyToSqlite(config, second, "read-alone"), report);
    assert.equal(contentOf(second), contentOf(first).replaceAll("\\x00", "\uFFFD"));
    const copied = await PostgresStore.open(config);
    const [account] = await copied.accounts.list({ limit: 1 });
    await copied.deliveries.record(delivery(account!.id));
    assert.equal((await copied.deliveries.list({ limit: 1 }))[0]?.id, 2410);
    await copied.appPasswords.add(appPassword(account!.id, "new"));
    await copied.appPasswords.delete("new");
    assert.equal(await copied.revocations.lastId(), 41);
    await copied.close();
    await (await SqliteStore.open(second)).close();
  },
);

copyTest(
  "R2: a copy is refused while something else uses a database, or the goal is not empty",
  async (config, directory) => {
    const path = join(directory, "a.sqlite");
    const store = await SqliteStore.open(path);
    await fill(store);
    await assert.rejects(copyToPostgres(path, config), /Another process uses .*a\.sqlite/);
    await store.close();
    await copyToPostgres(path, config);
    await assert.rejects(
      copyToPostgres(path, config),
      /3 rows in the table accounts already.*nothing is overwritten/,
    );
    await assert.rejects(copyToSqlite(config, path, "read-alone"), /exists/);
    const running = await PostgresStore.open(config);
    await running.shared.run(
      "INSERT INTO replicas VALUES ('r', clock_timestamp(), clock_timestamp(), 'host', '1')",
    );
    const goal = join(directory, "b.sqlite");
    await assert.rejects(copyToSqlite(config, goal, "read-alone"), /1 servers use the database/);
    await assert.rejects(Deno.stat(goal), Deno.errors.NotFound);
    await copyToSqlite(config, goal, "read-snapshot");
    await running.close();
  },
);

copyTest(
  "R2: a copy is refused while a transaction of somebody else writes to either database",
  async (config, directory) => {
    const path = join(directory, "a.sqlite");
    const store = await SqliteStore.open(path);
    await fill(store);
    await store.close();
    const writer = new DatabaseSync(path);
    writer.exec("BEGIN IMMEDIATE; UPDATE accounts SET display_name = 'x'");
    await assert.rejects(copyToPostgres(path, config), StoreError);
    writer.exec("ROLLBACK");
    writer.close();
    await copyToPostgres(path, config);

    const other = await PostgresStore.open(config);
    const goal = join(directory, "b.sqlite");
    await other.shared.transaction(async (statements) => {
      await statements.run("UPDATE accounts SET display_name = 'x'");
      await assert.rejects(copyToSqlite(config, goal, "read-alone"), { kind: "locked" });
      await assert.rejects(copyToPostgres(path, config), { kind: "locked" });
    });
    await other.close();
    await assert.rejects(Deno.stat(goal), Deno.errors.NotFound);
    await copyToSqlite(config, goal, "read-alone");
  },
);

copyTest(
  "R2: a copy of a file that does not exist, or of another program, is refused",
  async (config, directory) => {
    const missing = join(directory, "missing.sqlite");
    await assert.rejects(copyToPostgres(missing, config), /unable to open/);
    await assert.rejects(Deno.stat(missing), Deno.errors.NotFound);
    const foreign = join(directory, "foreign.sqlite");
    const database = new DatabaseSync(foreign);
    database.exec("CREATE TABLE x (y)");
    database.close();
    await assert.rejects(copyToPostgres(foreign, config), /no database of this version/);
  },
);

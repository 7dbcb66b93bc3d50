import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreError, type StoreErrorKind } from "../store.ts";
import { signIn, withDirectory, withStore } from "../testing.ts";
import { SqliteStore } from "./sqlite_store.ts";
import { SqliteDatabase } from "./database.ts";

const SEALED = Uint8Array.of(1);

function isStoreError(kind: StoreErrorKind, message: RegExp) {
  return (error: unknown) =>
    error instanceof StoreError && error.kind === kind && message.test(error.message);
}

function modeOf(path: string): string {
  return (Deno.statSync(path).mode! & 0o777).toString(8);
}

Deno.test({
  name: "K2: the database is readable for its owner alone",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withStore(async ({ store, path }) => {
      await store.accounts.recordSignIn(signIn(), SEALED);
      assert.equal(modeOf(join(path, "..")), "700");
      assert.equal(modeOf(path), "600");
      assert.equal(modeOf(`${path}-wal`), "600");
      await store.close();
      Deno.chmodSync(path, 0o644);
      await (await SqliteStore.open(path)).close();
      assert.equal(modeOf(path), "600");
    }),
});

Deno.test("D1: a file that is no database is refused and left as it is", () =>
  withDirectory(async (directory) => {
    const path = join(directory, "db.sqlite");
    const content = new Uint8Array(8192).fill(65);
    Deno.writeFileSync(path, content);
    await assert.rejects(SqliteStore.open(path), isStoreError("corrupt", /Restore a backup/));
    assert.deepEqual(Deno.readFileSync(path), content);
  }));

Deno.test("D1: a damaged database is refused and left as it is", () =>
  withStore(async ({ store, path }) => {
    for (let number = 0; number < 200; number++) {
      await store.accounts.recordSignIn(signIn({ objectId: `${number}` }), new Uint8Array(500));
    }
    await store.close();
    const content = Deno.readFileSync(path);
    content.fill(0xff, 4096 * 3, 4096 * 9);
    Deno.writeFileSync(path, content);
    await assert.rejects(SqliteStore.open(path), isStoreError("corrupt", /left as it is/));
    assert.deepEqual(Deno.readFileSync(path), content);
  }));

Deno.test("D1: damage in a large database is found in the background, and makes it unready", () =>
  withStore(async ({ store, path }) => {
    for (let number = 0; number < 40; number++) {
      await store.accounts.recordSignIn(signIn({ objectId: `${number}` }), new Uint8Array(1 << 20));
    }
    await store.verify();
    await store.close();
    const file = Deno.openSync(path, { write: true });
    file.seekSync(4096 * 5000, Deno.SeekMode.Start);
    file.writeSync(new Uint8Array(4096).fill(0xff));
    file.close();
    const damaged = await SqliteStore.open(path);
    await damaged.check();
    await assert.rejects(damaged.verify(), isStoreError("corrupt", /Restore a backup/));
    await assert.rejects(damaged.check(), isStoreError("corrupt", /left as it is/));
    await damaged.close();
  }));

Deno.test("close() does not disturb the search for damage", () =>
  withStore(async ({ store }) => {
    for (let number = 0; number < 40; number++) {
      await store.accounts.recordSignIn(signIn({ objectId: `${number}` }), new Uint8Array(1 << 20));
    }
    await store.flush();
    const verified = store.verify();
    await store.close();
    await verified;
  }));

Deno.test("SqliteStore.open() refuses the database of a newer version", () =>
  withStore(async ({ store, path }) => {
    await store.close();
    change(path, "PRAGMA user_version = 999");
    await assert.rejects(SqliteStore.open(path), isStoreError("newer", /version 999/));
  }));

Deno.test("SqliteStore.open() refuses the database of another program, such as the older proxy", () =>
  withDirectory(async (directory) => {
    const path = join(directory, "db.sqlite");
    change(path, "CREATE TABLE tokens (uid TEXT); PRAGMA user_version = 2");
    const { mode } = Deno.statSync(path);
    await assert.rejects(SqliteStore.open(path), isStoreError("foreign", /account import/));
    assert.equal(Deno.statSync(path).mode, mode);
  }));

Deno.test({
  name: "D1: a database that may not be written is refused",
  permissions: { read: "inherit", write: false },
  fn: () =>
    assert.rejects(
      SqliteStore.open(new URL("database.ts", import.meta.url).pathname),
      isStoreError("read-only", /right to read and write/),
    ),
});

Deno.test("D1: a locked database is a StoreError, and works again afterwards", () =>
  withStore(async ({ store, path }) => {
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    const locked = isStoreError("locked", /Another program/);
    await assert.rejects(store.accounts.recordSignIn(signIn(), SEALED), locked);
    await store.check();
    other.exec("ROLLBACK");
    other.close();
    assert.ok((await store.accounts.recordSignIn(signIn(), SEALED)).created);
  }));

Deno.test("D1: a full disk undoes the transaction and leaves the connection usable", () =>
  withDirectory((directory) => {
    const database = SqliteDatabase.open(join(directory, "db.sqlite"));
    database.execute("CREATE TABLE filler (octets BLOB); PRAGMA max_page_count = 50");
    const insert = database.prepare("INSERT INTO filler VALUES (zeroblob(?))");
    const fill = () => database.transaction(() => [insert.run(10), insert.run(1_000_000)]);
    assert.throws(fill, isStoreError("full", /Make room/));
    const count = database.prepare<{ n: number }>("SELECT count(*) AS n FROM filler");
    assert.equal(count.get()!.n, 0);
    database.transaction(() => insert.run(10));
    assert.equal(count.get()!.n, 1);
    database.close();
    return Promise.resolve();
  }));

Deno.test("transaction() undoes everything when its work throws", () =>
  withDirectory((directory) => {
    const database = SqliteDatabase.open(join(directory, "db.sqlite"));
    database.execute("CREATE TABLE numbers (n INTEGER)");
    const fail = () =>
      database.transaction(() => {
        database.execute("INSERT INTO numbers VALUES (1)");
        throw new RangeError("no");
      });
    assert.throws(fail, RangeError);
    assert.equal(database.prepare("SELECT n FROM numbers").get(), undefined);
    database.close();
    return Promise.resolve();
  }));

Deno.test("what must not be lost is synced with each commit, batches are not", () =>
  withDirectory((directory) => {
    const database = SqliteDatabase.open(join(directory, "db.sqlite"));
    const level = () =>
      database.prepare<{ synchronous: number }>("PRAGMA synchronous").get()!.synchronous;
    assert.equal(level(), 2);
    assert.equal(database.transaction(level, "relaxed"), 1);
    assert.equal(level(), 2);
    database.close();
    return Promise.resolve();
  }));

Deno.test("backup() writes a complete copy while the program runs, and overwrites nothing", () =>
  withStore(async ({ store, path }) => {
    const { account } = await store.accounts.recordSignIn(signIn(), SEALED);
    const copyPath = `${path}.backup`;
    await store.backup(copyPath);
    await store.accounts.recordSignIn(signIn({ objectId: "later" }), SEALED);
    const copy = await SqliteStore.open(copyPath);
    assert.deepEqual(await copy.accounts.list({ limit: 10 }), [account]);
    await copy.close();
    if (Deno.build.os !== "windows") assert.equal(modeOf(copyPath), "600");
    await assert.rejects(store.backup(copyPath), isStoreError("other", /choose another name/));
    assert.ok(Deno.statSync(copyPath).size > 0);
  }));

Deno.test("two processes share one database", () =>
  withStore(async ({ store, path }) => {
    const other = await SqliteStore.open(path);
    const { account } = await other.accounts.recordSignIn(signIn(), SEALED);
    assert.deepEqual(await store.accounts.get(account.id), account);
    await store.accounts.delete(account.id);
    assert.equal((await other.revocations.listAfter(0)).length, 1);
    await other.close();
  }));

Deno.test("check() fails once the database is closed", () =>
  withStore(async ({ store }) => {
    await store.check();
    await store.close();
    await assert.rejects(store.check(), StoreError);
  }));

function change(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

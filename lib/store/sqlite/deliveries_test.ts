import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { delivery, signIn, withStore } from "../testing.ts";

const SEALED = Uint8Array.of(1);

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

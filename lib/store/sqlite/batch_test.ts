import assert from "node:assert/strict";
import { join } from "node:path";
import { ManualClock } from "../../testing/manual_clock.ts";
import { withDirectory } from "../testing.ts";
import { Batch } from "./batch.ts";
import { SqliteDatabase } from "./database.ts";

/** Runs a test with a batch; its writes put their names into `done`. */
function withBatch(
  test: (fixture: { batch: Batch; clock: ManualClock; done: string[] }) => Promise<void>,
): Promise<void> {
  return withDirectory(async (directory) => {
    const database = SqliteDatabase.open(join(directory, "db.sqlite"));
    const clock = new ManualClock(0);
    await test({ batch: new Batch(database, clock, () => {}), clock, done: [] });
    database.close();
  });
}

Deno.test("Batch writes everything a second after the first, in order", () =>
  withBatch(async ({ batch, clock, done }) => {
    batch.add("a", () => done.push("a"));
    await clock.advance(900);
    batch.add("b", () => done.push("b"));
    assert.equal(done.length, 0);
    await clock.advance(100);
    assert.deepEqual(done, ["a", "b"]);
    assert.equal(clock.timers, 0);
    batch.add("c", () => done.push("c"));
    await clock.advance(1000);
    assert.deepEqual(done, ["a", "b", "c"]);
  }));

Deno.test("Batch keeps the last write with a key", () =>
  withBatch(({ batch, done }) => {
    batch.add("a", () => done.push("first"));
    batch.add("b", () => done.push("b"));
    batch.add("a", () => done.push("last"));
    batch.flush();
    assert.deepEqual(done, ["b", "last"]);
    return Promise.resolve();
  }));

Deno.test("D1: Batch is bounded: beyond 10,000 the oldest writes are dropped", () =>
  withBatch(({ batch, done }) => {
    for (let number = 0; number <= 10_000; number++) {
      batch.add(number, () => done.push(`${number}`));
    }
    batch.flush();
    assert.equal(done.length, 10_000);
    assert.equal(done[0], "1");
    return Promise.resolve();
  }));

Deno.test("flush() leaves no timer behind", () =>
  withBatch(({ batch, clock, done }) => {
    batch.add("a", () => done.push("a"));
    batch.flush();
    assert.equal(clock.timers, 0);
    return Promise.resolve();
  }));

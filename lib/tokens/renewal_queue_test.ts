import assert from "node:assert/strict";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../base/mod.ts";
import { ManualClock } from "../testing/manual_clock.ts";
import { RenewalQueue } from "./renewal_queue.ts";

const START_MS = 1_000_000_000;

/** RenewalQueue, and the ids of those that were due. */
/** A queue, and the ids for which it has called back. */
function createQueue() {
  const clock = new ManualClock(START_MS);
  const due: string[] = [];
  const queue = new RenewalQueue(clock, (id) => due.push(id));
  const add = (id: string, delayMs: number) =>
    queue.add(id, { dueAtMs: START_MS + delayMs, lastUsedAtMs: 0 });
  return { clock, due, queue, add };
}

Deno.test("RenewalQueue calls back for each account when it is due, with one timer for all", async () => {
  const { clock, due, queue, add } = createQueue();
  add("late", HOUR_MS);
  for (let number = 0; number < 1_000; number++) add(`${number}`, MINUTE_MS);
  add("never", Infinity);
  assert.equal(clock.timers, 1);
  await clock.advance(MINUTE_MS - SECOND_MS);
  assert.deepEqual(due, []);
  await clock.advance(2 * SECOND_MS);
  assert.equal(due.length, 1_000);
  await clock.advance(HOUR_MS);
  assert.equal(due.at(-1), "late");
  assert.equal(queue.size, 1);
  assert.equal(clock.timers, 0);
});

Deno.test("RenewalQueue does not call back for an account that was taken out, or added again for later", async () => {
  const { clock, due, queue, add } = createQueue();
  add("gone", MINUTE_MS);
  add("again", MINUTE_MS);
  assert.ok(queue.take("gone"));
  assert.ok(queue.take("again"));
  add("again", 2 * MINUTE_MS);
  await clock.advance(MINUTE_MS + SECOND_MS);
  assert.deepEqual(due, []);
  await clock.advance(MINUTE_MS);
  assert.deepEqual(due, ["again"]);
});

Deno.test("RenewalQueue calls back soon for an overdue account", async () => {
  const { clock, due, add } = createQueue();
  add("overdue", -HOUR_MS);
  await clock.advance(SECOND_MS);
  assert.deepEqual(due, ["overdue"]);
});

Deno.test("RenewalQueue.clear() and deleteIf() take accounts out", async () => {
  const { clock, due, queue, add } = createQueue();
  add("one", MINUTE_MS);
  add("two", HOUR_MS);
  queue.deleteIf(({ dueAtMs }) => dueAtMs < START_MS + HOUR_MS);
  assert.equal(queue.get("one"), undefined);
  assert.ok(queue.get("two"));
  queue.clear();
  await clock.advance(2 * HOUR_MS);
  assert.deepEqual(due, []);
  assert.equal(clock.timers, 0);
});

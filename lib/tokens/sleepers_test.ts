import assert from "node:assert/strict";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../base/mod.ts";
import { ManualClock } from "../testing/manual_clock.ts";
import { Sleepers } from "./sleepers.ts";

const START_MS = 1_000_000_000;

/** Sleepers, and the ids of those that were woken. */
function createSleepers() {
  const clock = new ManualClock(START_MS);
  const woken: string[] = [];
  const sleepers = new Sleepers(clock, (id) => woken.push(id));
  const add = (id: string, delayMs: number) =>
    sleepers.add(id, { dueAtMs: START_MS + delayMs, lastUsedAtMs: 0 });
  return { clock, woken, sleepers, add };
}

Deno.test("Sleepers wakes each account when it is due, with one timer for all", async () => {
  const { clock, woken, sleepers, add } = createSleepers();
  add("late", HOUR_MS);
  for (let number = 0; number < 1_000; number++) add(`${number}`, MINUTE_MS);
  add("never", Infinity);
  assert.equal(clock.timers, 1);
  await clock.advance(MINUTE_MS - SECOND_MS);
  assert.deepEqual(woken, []);
  await clock.advance(2 * SECOND_MS);
  assert.equal(woken.length, 1_000);
  await clock.advance(HOUR_MS);
  assert.equal(woken.at(-1), "late");
  assert.equal(sleepers.size, 1);
  assert.equal(clock.timers, 0);
});

Deno.test("Sleepers wakes nobody who was taken out, or has gone to sleep again until later", async () => {
  const { clock, woken, sleepers, add } = createSleepers();
  add("gone", MINUTE_MS);
  add("again", MINUTE_MS);
  assert.ok(sleepers.take("gone"));
  assert.ok(sleepers.take("again"));
  add("again", 2 * MINUTE_MS);
  await clock.advance(MINUTE_MS + SECOND_MS);
  assert.deepEqual(woken, []);
  await clock.advance(MINUTE_MS);
  assert.deepEqual(woken, ["again"]);
});

Deno.test("Sleepers wakes who is overdue soon", async () => {
  const { clock, woken, add } = createSleepers();
  add("overdue", -HOUR_MS);
  await clock.advance(SECOND_MS);
  assert.deepEqual(woken, ["overdue"]);
});

Deno.test("Sleepers.clear() and dropIf() let go", async () => {
  const { clock, woken, sleepers, add } = createSleepers();
  add("one", MINUTE_MS);
  add("two", HOUR_MS);
  sleepers.dropIf(({ dueAtMs }) => dueAtMs < START_MS + HOUR_MS);
  assert.equal(sleepers.get("one"), undefined);
  assert.ok(sleepers.get("two"));
  sleepers.clear();
  await clock.advance(2 * HOUR_MS);
  assert.deepEqual(woken, []);
  assert.equal(clock.timers, 0);
});

import { deepEqual, equal } from "node:assert/strict";
import { Deadlines } from "./deadlines.ts";
import { manualClock } from "../testing/manual_clock.ts";

Deno.test("Deadlines calls back once when a wait takes too long", async () => {
  const clock = manualClock();
  const late: string[] = [];
  const deadlines = new Deadlines(clock);
  const one = deadlines.add(() => late.push("one"));
  const two = deadlines.add(() => late.push("two"));
  one.set(3);
  two.set(5);
  await clock.advance(4_000);
  deepEqual(late, ["one"]);
  await clock.advance(60_000);
  deepEqual(late, ["one", "two"]);
  one.remove();
  two.remove();
});

Deno.test("Deadlines forgets a wait that ended, and measures each wait from its start", async () => {
  const clock = manualClock();
  let lateCount = 0;
  const deadline = new Deadlines(clock).add(() => lateCount++);
  deadline.set(2);
  await clock.advance(1_000);
  deadline.clear();
  await clock.advance(10_000);
  deadline.set(2);
  await clock.advance(1_000);
  equal(lateCount, 0);
  await clock.advance(1_000);
  equal(lateCount, 1);
  deadline.remove();
});

Deno.test("Deadlines has no timer while there are no deadlines", () => {
  const clock = manualClock();
  const deadlines = new Deadlines(clock);
  const deadline = deadlines.add(() => {});
  equal(clock.timers, 1);
  deadline.remove();
  equal(clock.timers, 0);
});

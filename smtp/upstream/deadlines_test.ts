import { deepEqual, equal } from "node:assert/strict";
import { Deadlines } from "./deadlines.ts";
import { FakeTime } from "../testing/fake_time.ts";

Deno.test("Deadlines calls back once when a wait is too long", async () => {
  using time = new FakeTime();
  const late: string[] = [];
  const deadlines = new Deadlines();
  const one = deadlines.add(() => late.push("one"));
  const two = deadlines.add(() => late.push("two"));
  one.set(3);
  two.set(5);
  await time.pass(4_000);
  deepEqual(late, ["one"]);
  await time.pass(60_000);
  deepEqual(late, ["one", "two"]);
  one.remove();
  two.remove();
});

Deno.test("Deadlines forgets a wait that ended, and counts each wait from its own start", async () => {
  using time = new FakeTime();
  let lateCount = 0;
  const deadline = new Deadlines().add(() => lateCount++);
  deadline.set(2);
  await time.pass(1_000);
  deadline.clear();
  await time.pass(10_000);
  deadline.set(2);
  await time.pass(1_000);
  equal(lateCount, 0);
  await time.pass(1_000);
  equal(lateCount, 1);
  deadline.remove();
});

Deno.test("Deadlines has no timer while there is nothing to watch", () => {
  using time = new FakeTime();
  const deadlines = new Deadlines();
  const deadline = deadlines.add(() => {});
  equal(time.pendingCount, 1);
  deadline.remove();
  equal(time.pendingCount, 0);
});

import assert from "node:assert/strict";
import { DAY_MS, HOUR_MS, SECOND_MS, steadyClock, systemClock } from "./mod.ts";
import { ManualClock } from "../testing/manual_clock.ts";
import { settle } from "../testing/settle.ts";

Deno.test("ManualClock runs timers in order, at their times", async () => {
  const clock = new ManualClock(1000);
  const events: [string, number][] = [];
  const note = (name: string) => () => void events.push([name, clock.now()]);
  clock.setTimer(30, note("later"));
  clock.setTimer(10, note("sooner"));
  clock.setTimer(10, note("as soon"));
  clock.setTimer(50, note("not yet"));
  await clock.advance(40);
  assert.deepEqual(events, [["sooner", 1010], ["as soon", 1010], ["later", 1030]]);
  assert.equal(clock.now(), 1040);
  assert.equal(clock.timers, 1);
});

Deno.test("ManualClock runs timers that timers set, and none that were cancelled", async () => {
  const clock = new ManualClock(0, settle);
  let ticks = 0;
  const tick = async () => {
    ticks++;
    await Promise.resolve();
    clock.setTimer(SECOND_MS, tick);
  };
  clock.setTimer(SECOND_MS, tick);
  clock.setTimer(SECOND_MS, () => assert.fail("was cancelled")).cancel();
  await clock.advance(10 * SECOND_MS);
  assert.equal(ticks, 10);
});

Deno.test("systemClock calls back, also at once, and can be cancelled", async () => {
  const called = Promise.withResolvers<void>();
  const cancelled = systemClock.setTimer(0, () => assert.fail("was cancelled"));
  cancelled.cancel();
  systemClock.setTimer(0, called.resolve);
  await called.promise;
});

Deno.test("systemClock waits longer than setTimeout can", async () => {
  const timer = systemClock.setTimer(60 * DAY_MS, () => assert.fail("too soon"));
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, 2); // An overflow of setTimeout would call back after 1 ms.
  await promise;
  timer.cancel();
});

Deno.test("S18: steadyClock goes on where the machine's clock is set back or forth", () => {
  const { now } = Date;
  try {
    for (const stepMs of [5 * HOUR_MS, -5 * HOUR_MS]) {
      const before = steadyClock.now();
      Date.now = () => now() + stepMs;
      assert(Math.abs(systemClock.now() - before) > 4 * HOUR_MS);
      const passedMs = steadyClock.now() - before;
      assert(passedMs >= 0 && passedMs < HOUR_MS, `${passedMs} ms`);
    }
  } finally {
    Date.now = now;
  }
});

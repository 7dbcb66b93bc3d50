import assert from "node:assert/strict";
import { ManualClock } from "../../lib/testing/manual_clock.ts";
import { delay } from "./delay.ts";

Deno.test("delay() ends when its time has passed", async () => {
  const clock = new ManualClock(0);
  const delayed = delay(clock, 10, new AbortController().signal);
  await clock.advance(10);
  await delayed;
  assert.equal(clock.timers, 0);
});

Deno.test("delay() gives up when its signal is aborted", async () => {
  const clock = new ManualClock(0);
  const controller = new AbortController();
  const delayed = delay(clock, 10, controller.signal);
  controller.abort(new Error("stopped"));
  await assert.rejects(delayed, /stopped/);
  assert.equal(clock.timers, 0);
});

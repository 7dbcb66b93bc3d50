import assert from "node:assert/strict";
import { ManualClock } from "./clock.ts";

Deno.test("ManualClock ends the delays that are over", async () => {
  const clock = new ManualClock(0);
  const ended: string[] = [];
  const short = clock.delay(10).then(() => ended.push("short"));
  const long = clock.delay(20).then(() => ended.push("long"));
  clock.advance(10);
  await short;
  assert.deepEqual(ended, ["short"]);
  clock.advance(10);
  await long;
  assert.equal(clock.now(), 20);
});

Deno.test("ManualClock gives a delay up when its signal is aborted", async () => {
  const clock = new ManualClock();
  const controller = new AbortController();
  const delay = clock.delay(10, controller.signal);
  controller.abort(new Error("stopped"));
  await assert.rejects(delay, /stopped/);
});

Deno.test("ManualClock.nextDelay() tells of a delay when it begins", async () => {
  const clock = new ManualClock();
  const next = clock.nextDelay();
  const delay = clock.delay(7);
  assert.equal(await next, 7);
  clock.advance(7);
  await delay;
});

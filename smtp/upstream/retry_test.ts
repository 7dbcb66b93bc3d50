import assert from "node:assert/strict";
import { whileBusy } from "./retry.ts";
import { manualClock, settle } from "../testing/manual_clock.ts";

Deno.test("U10: whileBusy() tries again, with growing delays, until there is room", async () => {
  const clock = manualClock();
  const startMs = clock.now();
  const triedAfterMs: number[] = [];
  const trying = whileBusy(clock, () => {
    triedAfterMs.push(clock.now() - startMs);
    return Promise.resolve(triedAfterMs.length === 4 ? "room" : "busy");
  }, (result) => result === "busy");
  await settle();
  await clock.advance(60_000);
  assert.equal(await trying, "room");
  assert.deepEqual(triedAfterMs, [0, 1_000, 3_000, 7_000]);
});

Deno.test("U10: whileBusy() gives up in the end", async () => {
  const clock = manualClock();
  let count = 0;
  const trying = whileBusy(clock, () => Promise.resolve(++count), () => true);
  await settle();
  await clock.advance(60_000);
  assert.equal(await trying, 6);
  assert.equal(clock.timers, 0);
});

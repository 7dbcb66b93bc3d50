import assert from "node:assert/strict";
import { whileBusy } from "./retry.ts";
import { FakeTime, settle } from "../testing/fake_time.ts";

Deno.test("U10: whileBusy() tries again, later each time, until there is room", async () => {
  using time = new FakeTime();
  const startMs = time.now();
  const triedAfterMs: number[] = [];
  const trying = whileBusy(() => {
    triedAfterMs.push(time.now() - startMs);
    return Promise.resolve(triedAfterMs.length === 4 ? "room" : "busy");
  }, (result) => result === "busy");
  await settle();
  await time.pass(60_000);
  assert.equal(await trying, "room");
  assert.deepEqual(triedAfterMs, [0, 1_000, 3_000, 7_000]);
});

Deno.test("U10: whileBusy() gives up in the end", async () => {
  using time = new FakeTime();
  let count = 0;
  const trying = whileBusy(() => Promise.resolve(++count), () => true);
  await settle();
  await time.pass(60_000);
  assert.equal(await trying, 6);
  assert.equal(time.pendingCount, 0);
});

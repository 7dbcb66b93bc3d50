import assert from "node:assert/strict";
import { MINUTE_MS, SECOND_MS } from "../base/mod.ts";
import { ManualClock } from "../testing/manual_clock.ts";
import { type DelayRule, FailureCounter } from "./failure_counter.ts";

const RULE: DelayRule = {
  freeFailures: 3,
  firstDelayMs: SECOND_MS,
  longestDelayMs: 10 * SECOND_MS,
  memoryMs: MINUTE_MS,
};

function createFixture() {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const counter = new FailureCounter(RULE, clock);
  let number = 0;
  const fail = (key = "a") => counter.failed(key, `${number++}`);
  return { clock, counter, fail };
}

Deno.test("S19: FailureCounter doubles the delay with each failure, up to a limit", () => {
  const { counter, fail } = createFixture();
  const delays = Array.from({ length: 9 }, () => {
    fail();
    return counter.delayMs("a") / SECOND_MS;
  });
  assert.deepEqual(delays, [0, 0, 1, 2, 4, 8, 10, 10, 10]);
});

Deno.test("FailureCounter.delayMs() counts down", async () => {
  const { clock, counter, fail } = createFixture();
  for (let count = 0; count < 5; count++) fail();
  await clock.advance(1_500);
  assert.equal(counter.delayMs("a"), 2_500);
  await clock.advance(2_500);
  assert.equal(counter.delayMs("a"), 0);
});

Deno.test("FailureCounter keeps keys apart", () => {
  const { counter, fail } = createFixture();
  for (let count = 0; count < 5; count++) fail();
  assert.equal(counter.delayMs("b"), 0);
});

Deno.test("FailureCounter forgets failures after a while", async () => {
  const { clock, counter, fail } = createFixture();
  for (let count = 0; count < 5; count++) fail();
  await clock.advance(MINUTE_MS);
  fail();
  assert.equal(counter.delayMs("a"), 0);
});

Deno.test("FailureCounter does not count the same wrong password again", () => {
  const { counter, fail } = createFixture();
  assert.equal(counter.failed("a", "old password"), true);
  fail();
  for (let count = 0; count < 100; count++) {
    assert.equal(counter.failed("a", "old password"), false);
  }
  assert.equal(counter.delayMs("a"), 0);
});

Deno.test("FailureCounter takes failures back", () => {
  const { counter, fail } = createFixture();
  for (let count = 0; count < 5; count++) fail();
  assert.equal(counter.isProven("a"), false);
  assert.equal(counter.succeeded("a"), 5);
  assert.equal(counter.isProven("a"), true);
  assert.equal(counter.delayMs("a"), 0);
  for (let count = 0; count < 4; count++) fail("b");
  counter.forgive("b", 2);
  assert.equal(counter.delayMs("b"), 0);
  counter.forgive("b", 100);
  counter.forgive("c", 1);
  fail("b");
  assert.equal(counter.delayMs("b"), 0);
});

Deno.test("S19: FailureCounter is bounded: what was not touched for the longest time leaves first", () => {
  const { counter, fail } = createFixture();
  for (let count = 0; count < 5; count++) fail("first");
  for (let count = 0; count < 5; count++) fail("second");
  for (let number = 0; number < 9_998; number++) fail(`${number}`);
  fail("first");
  fail("one more");
  assert.equal(counter.size, 10_000);
  assert.notEqual(counter.delayMs("first"), 0);
  assert.equal(counter.delayMs("second"), 0);
});

import assert from "node:assert/strict";
import { Pacer } from "./pacer.ts";

const PATIENCE_MS = 300_000;

Deno.test("Pacer lets a minute's messages pass at once and spreads the rest", () => {
  const pacer = new Pacer(2, () => 0);
  const waitsMs = Array.from({ length: 5 }, () => pacer.take(PATIENCE_MS));
  assert.deepEqual(waitsMs, [0, 0, 60_000, 60_000, 120_000]);
});

Deno.test("Pacer counts any minute, not the clock's", () => {
  let nowMs = 0;
  const pacer = new Pacer(2, () => nowMs);
  assert.equal(pacer.take(PATIENCE_MS), 0);
  nowMs = 50_000;
  assert.equal(pacer.take(PATIENCE_MS), 0);
  assert.equal(pacer.take(PATIENCE_MS), 10_000);
  nowMs = 60_000;
  assert.equal(pacer.take(PATIENCE_MS), 50_000);
});

Deno.test("Pacer gives no turn that comes too late, and loses none by it", () => {
  const pacer = new Pacer(1, () => 0);
  assert.equal(pacer.take(1_000), 0);
  assert.equal(pacer.take(1_000), undefined);
  assert.equal(pacer.take(60_000), 60_000);
});

Deno.test("Pacer is idle when a minute has passed", () => {
  let nowMs = 0;
  const pacer = new Pacer(1, () => nowMs);
  assert(pacer.idle);
  pacer.take(PATIENCE_MS);
  nowMs = 59_999;
  assert(!pacer.idle);
  nowMs = 60_000;
  assert(pacer.idle);
});

import assert from "node:assert/strict";
import { Gate } from "./gate.ts";
import { FakeTime } from "./testing/fake_time.ts";

Deno.test("Gate lets its number in at once, and the others in their order", async () => {
  const gate = new Gate(2);
  const entered: string[] = [];
  const enter = async (name: string) => {
    assert(await gate.enter(60_000));
    entered.push(name);
  };
  const all = Promise.all(["a", "b", "c", "d"].map(enter));
  await Promise.resolve();
  assert.deepEqual(entered, ["a", "b"]);
  gate.leave();
  gate.leave();
  await all;
  assert.deepEqual(entered, ["a", "b", "c", "d"]);
});

Deno.test("Gate sends away who has waited too long, and nobody else", async () => {
  using time = new FakeTime();
  const gate = new Gate(1);
  assert(await gate.enter(0));
  const impatient = gate.enter(1_000);
  const patient = gate.enter(5_000);
  await time.pass(2_000);
  assert.equal(await impatient, false);
  gate.leave();
  assert.equal(await patient, true);
  assert.equal(time.pendingCount, 0);
});

Deno.test("Gate is empty when nobody is inside or waits", async () => {
  using time = new FakeTime();
  const gate = new Gate(1);
  assert(gate.empty);
  await gate.enter(0);
  assert(!gate.empty);
  const waiting = gate.enter(1_000);
  gate.leave();
  assert(!gate.empty);
  assert(await waiting);
  gate.leave();
  assert(gate.empty);
  assert.equal(time.pendingCount, 0);
});

Deno.test("Gate gives a place that nobody came for to the next who comes", async () => {
  using time = new FakeTime();
  const gate = new Gate(1);
  await gate.enter(0);
  const late = gate.enter(1_000);
  await time.pass(1_000);
  assert.equal(await late, false);
  gate.leave();
  assert.equal(await gate.enter(0), true);
});

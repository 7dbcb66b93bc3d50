import assert from "node:assert/strict";
import { SECOND_MS } from "../base/mod.ts";
import { type SimulatedReplica, SlotSimulation } from "../testing/slot_simulation.ts";

/** `SLOT_SEEDS` gives more schedules. */
const SEED_COUNT = Number(Deno.env.get("SLOT_SEEDS") ?? 300);
const LIMIT = 3;
const STEPS = 500;

/** Accidents of a schedule. */
interface Accidents {
  readonly kills?: boolean;
  readonly crashes?: boolean;
  readonly cuts?: boolean;
}

/** Runs a schedule, and checks after each step how many connections are open. */
async function play(seed: number, { kills, crashes, cuts }: Accidents): Promise<void> {
  const simulation = new SlotSimulation(seed, 2 + seed % 3, LIMIT);
  let healAtMs = 0;
  let cutOff: SimulatedReplica | undefined;
  for (let step = 0; step < STEPS; step++) {
    for (const replica of simulation.living) {
      if (simulation.random() < 0.15) {
        simulation.send(replica, 1 + Math.floor(simulation.random() * 12));
      }
    }
    const { living } = simulation;
    const chosen = living[Math.floor(simulation.random() * living.length)]!;
    if (kills && simulation.random() < 0.005) {
      simulation.kill(chosen);
      simulation.start();
    }
    if (crashes && simulation.random() < 0.004) simulation.crashDatabase();
    if (cuts && !cutOff && simulation.random() < 0.004) {
      cutOff = chosen;
      simulation.cut(chosen);
      healAtMs = simulation.nowMs + simulation.random() * 15 * SECOND_MS;
    }
    if (cutOff && simulation.nowMs >= healAtMs) {
      simulation.heal();
      // Its surplus ends with the message that is under way.
      if (simulation.nowMs >= healAtMs + 3 * SECOND_MS) cutOff = undefined;
    }
    await simulation.step();
    const limit = LIMIT + (cutOff ? 1 : 0);
    assert.ok(
      simulation.open <= limit,
      `seed ${seed}, step ${step}: ${simulation.open} of ${limit} connections`,
    );
  }
}

Deno.test(`R3: ${SEED_COUNT} schedules: no more connections than the limit`, async () => {
  for (let seed = 1; seed <= SEED_COUNT; seed++) await play(seed, {});
});

Deno.test(`R3: ${SEED_COUNT} schedules with kills and crashes of the database: no more than the limit`, async () => {
  for (let seed = 1; seed <= SEED_COUNT; seed++) await play(seed, { kills: true, crashes: true });
});

Deno.test(`R4: ${SEED_COUNT} schedules with a replica cut off: one connection more than the limit at most`, async () => {
  for (let seed = 1; seed <= SEED_COUNT; seed++) await play(seed, { cuts: true });
});

Deno.test("R3: a starved replica is served within 7 seconds, whatever the others do", async () => {
  for (let seed = 1; seed <= SEED_COUNT / 3; seed++) {
    const simulation = new SlotSimulation(seed, 3, LIMIT);
    const [first, second, starved] = simulation.replicas;
    const busy = () => [first!, second!].forEach((one) => simulation.send(one, 10));
    for (let step = 0; step < 60; step++) {
      busy();
      await simulation.step();
    }
    const startMs = simulation.nowMs;
    simulation.send(starved!, 5);
    while (starved!.pool.served === 0) {
      busy();
      await simulation.step();
      assert.ok(simulation.nowMs - startMs <= 7 * SECOND_MS, `seed ${seed}: starved`);
    }
  }
});

/** A replica that is killed was unseen for up to one heartbeat interval; the rest is a look at its death, and the way to the database. */
const FREE_WITHIN_MS = 5.5 * SECOND_MS;

for (const heirs of [1, 2]) {
  Deno.test(`R3: ${heirs} others have all slots of a killed replica well within 6 seconds, whenever it dies`, async () => {
    for (let seed = 1; seed <= SEED_COUNT / 2; seed++) {
      const simulation = new SlotSimulation(seed, 1 + heirs, LIMIT);
      const [first, ...others] = simulation.replicas;
      for (let count = 0; count < LIMIT; count++) simulation.send(first!, 10_000);
      for (let step = 0; step < 40 + seed % 20; step++) await simulation.step();
      assert.equal(first!.pool.open, LIMIT);
      for (const other of seed % 3 > 0 ? others : []) simulation.send(other, 10_000);
      simulation.kill(first!);
      const startMs = simulation.nowMs;
      for (const other of others) {
        for (let count = 0; count < LIMIT; count++) simulation.send(other, 10_000);
      }
      while (others.reduce((sum, { pool }) => sum + pool.open, 0) < LIMIT) {
        await simulation.step();
        assert.ok(simulation.nowMs - startMs <= FREE_WITHIN_MS, `seed ${seed}: not free`);
      }
    }
  });
}

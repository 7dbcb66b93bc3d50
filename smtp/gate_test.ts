import assert from "node:assert/strict";
import { type Admission, type Gate, MailboxGatekeeper, type MailboxLimits } from "./gate.ts";
import { FakeTime } from "./testing/fake_time.ts";

const ANNA = "account-1";
const BEN = "account-2";
const PATIENCE_MS = 60_000;

/** A gatekeeper, and a pool that notes which of its connections it has to give up. */
class GateWorld implements Disposable {
  readonly time = new FakeTime();
  readonly evicted: string[] = [];
  readonly gatekeeper: MailboxGatekeeper;
  readonly gate: Gate;

  constructor(limits: Partial<MailboxLimits> = {}) {
    this.gatekeeper = new MailboxGatekeeper(
      { connectionsPerMailbox: 3, messagesPerMinute: 0, ...limits },
      this.time.now,
    );
    this.gate = this.openGate("first");
  }

  /** The gate of another pool. */
  openGate(name: string): Gate {
    return this.gatekeeper.gate((accountId) => this.evicted.push(`${name} ${accountId}`));
  }

  [Symbol.dispose](): void {
    assert.equal(this.time.pendingCount, 0, "a timer goes on");
    this.time[Symbol.dispose]();
  }
}

Deno.test("U10: Gate lets its number in at once, and the others in their order", async () => {
  using world = new GateWorld({ connectionsPerMailbox: 2 });
  const { gate } = world;
  const entered: string[] = [];
  const enter = async (name: string) => {
    assert.equal(await gate.enter(ANNA, PATIENCE_MS), "new");
    entered.push(name);
  };
  const all = Promise.all(["a", "b", "c", "d"].map(enter));
  await world.time.pass(0);
  assert.deepEqual(entered, ["a", "b"]);
  assert.deepEqual(world.gatekeeper.counts, { inUse: 2, idle: 0, waiting: 2 });
  gate.leave(ANNA, false);
  gate.leave(ANNA, false);
  await all;
  assert.deepEqual(entered, ["a", "b", "c", "d"]);
});

Deno.test("U10: Gate counts each mailbox for itself", async () => {
  using world = new GateWorld({ connectionsPerMailbox: 1 });
  assert.equal(await world.gate.enter(ANNA, 0), "new");
  assert.equal(await world.gate.enter(BEN, 0), "new");
});

Deno.test("U10: Gate sends away who has waited too long, and nobody else", async () => {
  using world = new GateWorld({ connectionsPerMailbox: 1 });
  const { gate, time } = world;
  await gate.enter(ANNA, 0);
  const impatient = gate.enter(ANNA, 1_000);
  const patient = gate.enter(ANNA, 5_000);
  await time.pass(2_000);
  assert.equal(await impatient, undefined);
  gate.leave(ANNA, false);
  assert.equal(await patient, "new");
});

Deno.test("Gate gives a place that nobody came for to the next who comes", async () => {
  using world = new GateWorld({ connectionsPerMailbox: 1 });
  const { gate, time } = world;
  await gate.enter(ANNA, 0);
  const late = gate.enter(ANNA, 1_000);
  await time.pass(1_000);
  assert.equal(await late, undefined);
  gate.leave(ANNA, false);
  assert.equal(await gate.enter(ANNA, 0), "new");
});

Deno.test("Gate tells a pool to use what it has kept, the one that waits as well", async () => {
  using world = new GateWorld({ connectionsPerMailbox: 1 });
  const { gate } = world;
  await gate.enter(ANNA, 0);
  const next = gate.enter(ANNA, PATIENCE_MS);
  gate.leave(ANNA, true);
  assert.equal(await next, "kept");
  gate.leave(ANNA, true);
  assert.deepEqual(world.gatekeeper.counts, { inUse: 0, idle: 1, waiting: 0 });
  assert.equal(await gate.enter(ANNA, 0), "kept");
  gate.leave(ANNA, false);
  assert.equal(await gate.enter(ANNA, 0), "new");
  assert.deepEqual(world.evicted, []);
});

Deno.test("U10: Gates of several pools share the mailbox's places", async () => {
  using world = new GateWorld({ connectionsPerMailbox: 2 });
  const other = world.openGate("second");
  await world.gate.enter(ANNA, 0);
  await other.enter(ANNA, 0);
  const entered: [string, Admission | undefined][] = [];
  const enter = async (name: string, gate: Gate) => {
    entered.push([name, await gate.enter(ANNA, PATIENCE_MS)]);
  };
  const all = Promise.all([enter("a", other), enter("b", world.gate)]);
  world.gate.leave(ANNA, false);
  other.leave(ANNA, false);
  await all;
  assert.deepEqual(entered, [["a", "new"], ["b", "new"]]);
});

Deno.test("U10: Gate has a pool give up what it keeps when another one has waited for a second", async () => {
  using world = new GateWorld({ connectionsPerMailbox: 1 });
  const { gate, time } = world;
  const other = world.openGate("second");
  await gate.enter(ANNA, 0);
  const next = other.enter(ANNA, PATIENCE_MS);
  gate.leave(ANNA, true);
  await time.pass(999);
  assert.equal(await gate.enter(ANNA, 0), "kept");
  gate.leave(ANNA, true);
  assert.deepEqual(world.evicted, []);
  await time.pass(1);
  assert.equal(await next, "new");
  assert.deepEqual(world.evicted, [`first ${ANNA}`]);
  assert.deepEqual(world.gatekeeper.counts, { inUse: 1, idle: 0, waiting: 0 });
});

Deno.test("U10: Gate gives a place to who was passed over before all others", async () => {
  using world = new GateWorld({ connectionsPerMailbox: 1 });
  const { gate, time } = world;
  const other = world.openGate("second");
  const entered: string[] = [];
  const enter = async (name: string, way: Gate) => {
    const admission = await way.enter(ANNA, PATIENCE_MS);
    entered.push(`${name} ${admission}`);
  };
  await gate.enter(ANNA, 0);
  const all = Promise.all([enter("stranger", other), enter("a", gate), enter("b", gate)]);
  gate.leave(ANNA, true);
  await time.pass(1_000);
  gate.leave(ANNA, true);
  await time.pass(0);
  other.leave(ANNA, false);
  await all;
  assert.deepEqual(entered, ["a kept", "stranger new", "b new"]);
});

Deno.test("Gate gives the place of a connection that has ended to who waits", async () => {
  using world = new GateWorld({ connectionsPerMailbox: 1 });
  await world.gate.enter(ANNA, 0);
  world.gate.leave(ANNA, true);
  world.gate.lose(ANNA);
  assert.deepEqual(world.gatekeeper.counts, { inUse: 0, idle: 0, waiting: 0 });
  assert.equal(await world.openGate("second").enter(ANNA, 0), "new");
  assert.deepEqual(world.evicted, []);
});

Deno.test("Gate is not confused by news of an end that crossed an eviction, or an admission", async () => {
  using world = new GateWorld({ connectionsPerMailbox: 1 });
  const other = world.openGate("second");
  await world.gate.enter(ANNA, 0);
  world.gate.leave(ANNA, true);
  const next = other.enter(ANNA, PATIENCE_MS);
  await world.time.pass(1_000);
  assert.equal(await next, "new");
  world.gate.lose(ANNA);
  assert.deepEqual(world.gatekeeper.counts, { inUse: 1, idle: 0, waiting: 0 });
  other.leave(ANNA, true);
  assert.equal(await other.enter(ANNA, 0), "kept");
  other.lose(ANNA);
  assert.deepEqual(world.gatekeeper.counts, { inUse: 1, idle: 0, waiting: 0 });
});

Deno.test("Gate gives each mailbox its turns", async () => {
  using world = new GateWorld({ messagesPerMinute: 1 });
  const { gate, time } = world;
  assert.equal(await gate.takeTurn(ANNA, PATIENCE_MS), 0);
  assert.equal(await gate.takeTurn(ANNA, PATIENCE_MS), 60_000);
  assert.equal(await world.openGate("second").takeTurn(ANNA, PATIENCE_MS), undefined);
  assert.equal(await gate.takeTurn(BEN, PATIENCE_MS), 0);
  await time.pass(120_000);
  world.gatekeeper.checkTime();
  assert.equal(await gate.takeTurn(ANNA, 0), 0);
});

Deno.test("Gate without a rate gives everybody a turn at once", async () => {
  using world = new GateWorld();
  for (let count = 0; count < 100; count++) assert.equal(await world.gate.takeTurn(ANNA, 0), 0);
});

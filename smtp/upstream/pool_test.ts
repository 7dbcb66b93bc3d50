import assert from "node:assert/strict";
import type { MailboxSlots, SlotUser } from "../backend.ts";
import { type AllPoolLimits, DEFAULT_POOL_LIMITS, Pool } from "./pool.ts";
import { assertRejectsReply } from "../testing/assertions.ts";
import { ANNA } from "../testing/fakes.ts";
import { manualClock, settle } from "../testing/manual_clock.ts";
import { openUpstream, type UpstreamEnd } from "../testing/upstream_end.ts";

/** A pool whose connections a test plays. */
class PoolFixture implements Disposable {
  readonly clock = manualClock();
  /** The upstream's ends, in the order in which they were opened. */
  readonly ends: UpstreamEnd[] = [];
  readonly pool: Pool;
  /** Whether opening a connection fails. */
  unreachable = false;

  constructor(changes: Partial<AllPoolLimits> = {}, slots?: MailboxSlots) {
    this.pool = new Pool({
      limits: { ...DEFAULT_POOL_LIMITS, ...changes },
      open: async () => {
        if (this.unreachable) throw new Error("unreachable");
        const { connection, end } = await openUpstream({ clock: this.clock });
        this.ends.push(end);
        return connection;
      },
      clock: this.clock,
      slots,
    });
  }

  [Symbol.dispose](): void {
  }
}

Deno.test("Pool lends a new connection, then the warm one", async () => {
  using fixture = new PoolFixture();
  const first = await fixture.pool.lease(ANNA);
  assert(!first.reused);
  first.release();
  const second = await fixture.pool.lease(ANNA);
  assert(second.reused);
  assert.equal(second.connection, first.connection);
  assert.equal(fixture.ends.length, 1);
});

Deno.test("Pool counts what is lent, what waits for work, and who waits", async () => {
  using fixture = new PoolFixture({ connectionsPerMailbox: 1 });
  const lease = await fixture.pool.lease(ANNA);
  const next = fixture.pool.lease(ANNA);
  await settle();
  assert.deepEqual(fixture.pool.counts, { inUse: 1, idle: 0, waiting: 1 });
  lease.release();
  (await next).release();
  assert.deepEqual(fixture.pool.counts, { inUse: 0, idle: 1, waiting: 0 });
});

Deno.test("Pool lends the connection that was used last", async () => {
  using fixture = new PoolFixture();
  const [older, newer] = [await fixture.pool.lease(ANNA), await fixture.pool.lease(ANNA)];
  older.release();
  newer.release();
  assert.equal((await fixture.pool.lease(ANNA)).connection, newer.connection);
});

Deno.test("Pool lends one account's connection to no other", async () => {
  using fixture = new PoolFixture();
  (await fixture.pool.lease(ANNA)).release();
  const lease = await fixture.pool.lease({ ...ANNA, id: "account-2" });
  assert(!lease.reused);
});

Deno.test("U10: Pool lends so many at once; the next waits for its turn", async () => {
  using fixture = new PoolFixture({ connectionsPerMailbox: 2 });
  const first = await fixture.pool.lease(ANNA);
  await fixture.pool.lease(ANNA);
  const third = fixture.pool.lease(ANNA);
  await settle();
  assert.equal(fixture.ends.length, 2);
  first.release();
  assert.equal((await third).connection, first.connection);
});

Deno.test("U10: Pool serves those who wait in their order", async () => {
  using fixture = new PoolFixture({ connectionsPerMailbox: 2 });
  const [first, second] = [await fixture.pool.lease(ANNA), await fixture.pool.lease(ANNA)];
  const served: string[] = [];
  const wait = (name: string) => fixture.pool.lease(ANNA).then(() => served.push(name));
  const all = Promise.all([wait("a"), wait("b")]);
  assert.deepEqual(fixture.pool.counts, { inUse: 2, idle: 0, waiting: 2 });
  second.release();
  await settle();
  assert.deepEqual(served, ["a"]);
  first.release();
  await all;
  assert.deepEqual(served, ["a", "b"]);
});

Deno.test("U10: Pool counts each mailbox for itself", async () => {
  using fixture = new PoolFixture({ connectionsPerMailbox: 1 });
  await fixture.pool.lease(ANNA);
  await fixture.pool.lease({ ...ANNA, id: "account-2" });
  assert.equal(fixture.ends.length, 2);
});

Deno.test("U10: Pool gives the slot of a connection that has ended to the next who comes", async () => {
  using fixture = new PoolFixture({ connectionsPerMailbox: 1 });
  (await fixture.pool.lease(ANNA)).release();
  fixture.ends[0]!.transport.close();
  await settle();
  assert.deepEqual(fixture.pool.counts, { inUse: 0, idle: 0, waiting: 0 });
  assert(!(await fixture.pool.lease(ANNA)).reused);
});

Deno.test("U10: Pool lends a slot that came too late for one to the next who comes", async () => {
  using fixture = new PoolFixture({ connectionsPerMailbox: 1 });
  const lease = await fixture.pool.lease(ANNA);
  const late = assertRejectsReply(fixture.pool.lease(ANNA), "451 4.3.2");
  await fixture.clock.advance(30_000);
  const next = fixture.pool.lease(ANNA);
  await fixture.clock.advance(31_000);
  await late;
  lease.release();
  assert.equal((await next).connection, lease.connection);
  assert.deepEqual(fixture.pool.counts, { inUse: 1, idle: 0, waiting: 0 });
});

Deno.test("U10: Pool says 451 4.3.2 when no turn comes in time", async () => {
  using fixture = new PoolFixture({ connectionsPerMailbox: 1 });
  await fixture.pool.lease(ANNA);
  const second = assertRejectsReply(fixture.pool.lease(ANNA), "451 4.3.2");
  await fixture.clock.advance(61_000);
  await second;
});

Deno.test("Pool passes the turn on when opening fails", async () => {
  using fixture = new PoolFixture({ connectionsPerMailbox: 1 });
  fixture.unreachable = true;
  await assert.rejects(fixture.pool.lease(ANNA), /unreachable/);
  fixture.unreachable = false;
  await fixture.pool.lease(ANNA);
});

Deno.test("Pool passes the turn on when a lease is discarded, once", async () => {
  using fixture = new PoolFixture({ connectionsPerMailbox: 1 });
  const lease = await fixture.pool.lease(ANNA);
  lease.discard();
  lease.discard();
  lease.release();
  assert(await fixture.ends[0]!.isClosed());
  const next = await fixture.pool.lease(ANNA);
  assert(!next.reused);
  const waiting = fixture.pool.lease(ANNA);
  await settle();
  assert.equal(fixture.ends.length, 2);
  next.release();
  await waiting;
});

Deno.test("Pool keeps a connection that could be reset", async () => {
  using fixture = new PoolFixture();
  const lease = await fixture.pool.lease(ANNA);
  const reset = lease.reset();
  assert(!fixture.pool.hasIdle(ANNA.id));
  await fixture.ends[0]!.answer("RSET", "250 OK");
  await reset;
  assert(fixture.pool.hasIdle(ANNA.id));
});

Deno.test("Pool hangs up a connection that could not be reset", async () => {
  using fixture = new PoolFixture();
  const lease = await fixture.pool.lease(ANNA);
  const reset = lease.reset();
  await fixture.ends[0]!.answer("RSET", "500 What?");
  await fixture.ends[0]!.answer("QUIT", "221 Bye");
  await reset;
  assert(!fixture.pool.hasIdle(ANNA.id));
  assert(await fixture.ends[0]!.isClosed());
});

Deno.test("U2: Pool forgets an idle connection that ends or speaks unasked", async () => {
  for (const end of ["close", "reset", "speak"] as const) {
    using fixture = new PoolFixture();
    (await fixture.pool.lease(ANNA)).release();
    if (end === "speak") fixture.ends[0]!.say("421 Bye");
    else fixture.ends[0]!.transport[end]();
    await settle();
    assert(!fixture.pool.hasIdle(ANNA.id), end);
    assert(!(await fixture.pool.lease(ANNA)).reused, end);
  }
});

Deno.test("Pool closes what has been idle for too long, with QUIT", async () => {
  using fixture = new PoolFixture();
  const [older, newer] = [await fixture.pool.lease(ANNA), await fixture.pool.lease(ANNA)];
  older.release();
  await fixture.clock.advance(60_000);
  newer.release();
  await fixture.clock.advance(61_000);
  await fixture.ends[0]!.answer("QUIT", "221 Bye");
  assert(await fixture.ends[0]!.isClosed());
  assert(fixture.pool.hasIdle(ANNA.id));
  await fixture.clock.advance(60_000);
  await fixture.ends[1]!.answer("QUIT", "221 Bye");
  assert(!fixture.pool.hasIdle(ANNA.id));
});

Deno.test("Pool does not keep a connection that is too old", async () => {
  using fixture = new PoolFixture();
  const lease = await fixture.pool.lease(ANNA);
  await fixture.clock.advance(900_000);
  lease.release();
  await fixture.ends[0]!.answer("QUIT", "221 Bye");
  assert(!fixture.pool.hasIdle(ANNA.id));
});

Deno.test("K4: Pool.drop() hangs up idle connections, and lent ones when they come back", async () => {
  using fixture = new PoolFixture();
  const lent = await fixture.pool.lease(ANNA);
  (await fixture.pool.lease(ANNA)).release();
  fixture.pool.drop(ANNA.id);
  await fixture.ends[1]!.answer("QUIT", "221 Bye");
  lent.release();
  await fixture.ends[0]!.answer("QUIT", "221 Bye");
  assert(!fixture.pool.hasIdle(ANNA.id));
  (await fixture.pool.lease(ANNA)).release();
  assert(fixture.pool.hasIdle(ANNA.id));
});

Deno.test("Pool.close() hangs up everything, and keeps nothing from then on", async () => {
  using fixture = new PoolFixture();
  const lent = await fixture.pool.lease(ANNA);
  (await fixture.pool.lease(ANNA)).release();
  fixture.pool.close();
  await fixture.ends[1]!.answer("QUIT", "221 Bye");
  lent.release();
  await fixture.ends[0]!.answer("QUIT", "221 Bye");
  assert(!fixture.pool.hasIdle(ANNA.id));
});

Deno.test("Lease.replace() puts a new connection in the place of a dead one", async () => {
  using fixture = new PoolFixture({ connectionsPerMailbox: 1 });
  (await fixture.pool.lease(ANNA)).release();
  const lease = await fixture.pool.lease(ANNA);
  const dead = lease.connection;
  await lease.replace();
  assert(!lease.reused);
  assert.notEqual(lease.connection, dead);
  assert(await fixture.ends[0]!.isClosed());
  lease.release();
  assert.equal((await fixture.pool.lease(ANNA)).connection, lease.connection);
});

/** Slots that a test grants. */
class ManualSlots implements MailboxSlots {
  user!: SlotUser;
  readonly wanted: string[] = [];

  attach(user: SlotUser): void {
    this.user = user;
  }

  want(accountId: string): void {
    this.wanted.push(accountId);
  }
}

Deno.test("Pool with shared slots opens a connection only for a slot that it has been granted", async () => {
  const slots = new ManualSlots();
  using fixture = new PoolFixture({}, slots);
  const first = fixture.pool.lease(ANNA);
  await settle();
  assert.deepEqual(slots.wanted, [ANNA.id]);
  assert.equal(fixture.ends.length, 0);
  slots.user.grant(ANNA.id);
  (await first).release();
  // A warm connection needs no slot, and nobody is asked for one.
  (await fixture.pool.lease(ANNA)).release();
  assert.deepEqual(slots.wanted, [ANNA.id]);
  assert.deepEqual(slots.user.usage(ANNA.id), { free: 0, idle: 1, waiting: 0 });
});

Deno.test("Pool gives a slot back only when its connection has said QUIT and got an answer", async () => {
  const slots = new ManualSlots();
  using fixture = new PoolFixture({}, slots);
  const leased = fixture.pool.lease(ANNA);
  slots.user.grant(ANNA.id);
  const lease = await leased;
  let given = false;
  const yielded = slots.user.yield(ANNA.id).then(() => given = true);
  const next = fixture.pool.lease(ANNA);
  lease.release();
  await fixture.ends[0]!.expect("QUIT");
  assert.equal(given, false);
  fixture.ends[0]!.say("221 2.0.0 Bye");
  await yielded;
  assert.deepEqual(slots.user.usage(ANNA.id), { free: 0, idle: 0, waiting: 1 });
  slots.user.grant(ANNA.id);
  assert.equal((await next).reused, false);
  assert.equal(fixture.ends.length, 2);
});

Deno.test("Pool gives a free slot back at once, and an idle connection's before a busy one's", async () => {
  const slots = new ManualSlots();
  using fixture = new PoolFixture({}, slots);
  slots.user.grant(ANNA.id);
  await slots.user.yield(ANNA.id);
  assert.deepEqual(slots.user.usage(ANNA.id), { free: 0, idle: 0, waiting: 0 });
  const leases = [fixture.pool.lease(ANNA), fixture.pool.lease(ANNA)];
  slots.user.grant(ANNA.id);
  slots.user.grant(ANNA.id);
  const [idle, busy] = await Promise.all(leases);
  idle!.release();
  const yielded = slots.user.yield(ANNA.id);
  await fixture.ends[0]!.answer("QUIT", "221 2.0.0 Bye");
  await yielded;
  assert.equal(busy!.connection.alive, true);
});

import assert from "node:assert/strict";
import type { NewAlert } from "../alerts/mod.ts";
import { DAY_MS } from "../base/mod.ts";
import { ManualClock } from "../testing/manual_clock.ts";
import { Housekeeping } from "./housekeeping.ts";
import { StoreError } from "../store/store.ts";
import { delivery, signIn, START_MS, withStore } from "../store/testing.ts";
import { settle } from "../testing/settle.ts";

/** Collects warnings. */
function alertsOf() {
  const standing: string[] = [];
  return {
    standing,
    raise: ({ text }: NewAlert) => void standing.push(text),
    clear: () => void standing.splice(0),
  };
}

Deno.test("Housekeeping deletes old deliveries, audit entries and expired sessions once a day", () =>
  withStore(async ({ store, clock }) => {
    const { account } = await store.accounts.recordSignIn(signIn(), Uint8Array.of(1));
    for (const ageDays of [5, 29, 31]) {
      await store.deliveries.record(delivery(account.id, { atMs: START_MS - ageDays * DAY_MS }));
    }
    await store.flush();
    const idHash = new Uint8Array(32);
    const session = { idHash, accountId: account.id, createdAtMs: 0, expiresAtMs: START_MS - 1 };
    await store.webSessions.add(session);
    await store.adminGrants.add({ kind: "link", hash: idHash, expiresAtMs: START_MS - 1 });
    for (const ageDays of [29, 31]) {
      const atMs = START_MS - ageDays * DAY_MS;
      await store.audit.record({ atMs, actor: "a", action: "b", subject: `${ageDays} days ago` });
    }
    const ages = async () => {
      const rows = await store.deliveries.list({ limit: 10 });
      return rows.map(({ atMs }) => (START_MS - atMs) / DAY_MS);
    };

    const housekeeping = new Housekeeping({ store, alerts: alertsOf(), clock, retentionDays: 30 });
    await housekeeping.start();
    assert.deepEqual((await ages()).toSorted((a, b) => a - b), [5, 29]);
    assert.equal(await store.webSessions.get(idHash, 0), undefined);
    assert.equal(await store.adminGrants.has("link", idHash, 0), false);
    const trail = await store.audit.list({ limit: 9 });
    assert.deepEqual(trail.map(({ subject }) => subject), ["29 days ago"]);
    for (const _day of [1, 2]) {
      await clock.advance(DAY_MS);
      await settle();
    }
    assert.deepEqual(await ages(), [5]);
    housekeeping.stop();
    assert.equal(clock.timers, 0);
  }));

Deno.test("Housekeeping deletes much in slices, and stops between two of them", async () => {
  const clock = new ManualClock(START_MS, settle);
  const slices: number[] = [];
  let rest = 1000;
  const deleteSome = (_timeMs: number, limit: number) => {
    slices.push(limit);
    if (slices.length === 3) housekeeping.stop();
    const deleted = Math.min(rest, limit);
    rest -= deleted;
    return Promise.resolve(deleted);
  };
  const store = {
    deliveries: { deleteBefore: deleteSome },
    webSessions: { deleteExpired: () => Promise.resolve(0) },
    adminGrants: { deleteExpired: () => Promise.resolve(0) },
    invitations: { deleteExpired: () => Promise.resolve(0) },
    audit: { deleteBefore: () => Promise.resolve(0) },
    verify: () => Promise.reject(new Error("stopped")),
  };
  const alerts = alertsOf();
  const housekeeping = new Housekeeping({ store, alerts, clock, retentionDays: 30 });
  const started = housekeeping.start();
  await clock.advance(1000);
  await started;
  assert.deepEqual(slices, [200, 200, 200]);
  assert.equal(rest, 400);
  assert.equal(clock.timers, 0);
  assert.deepEqual(alerts.standing, []);
});

Deno.test("D1: Housekeeping warns of damage in the database until it is repaired", () =>
  withStore(
    async ({ store: { deliveries, webSessions, adminGrants, audit, invitations }, clock }) => {
      let verify = () => Promise.reject(new StoreError("corrupt", "page 7 is malformed"));
      const store = {
        deliveries,
        webSessions,
        adminGrants,
        audit,
        invitations,
        verify: () => verify(),
      };
      const alerts = alertsOf();
      const housekeeping = new Housekeeping({ store, alerts, clock, retentionDays: 30 });
      await housekeeping.start();
      assert.equal(alerts.standing.length, 1);
      assert.match(alerts.standing[0]!, /page 7 is malformed/);
      verify = () => Promise.resolve() as Promise<never>;
      await clock.advance(DAY_MS);
      await settle();
      assert.deepEqual(alerts.standing, []);
      housekeeping.stop();
    },
  ));

Deno.test("D1: Housekeeping goes on when the database fails", () =>
  withStore(async ({ store, clock }) => {
    const { webSessions, adminGrants, audit, invitations } = store;
    const deliveries = { deleteBefore: () => Promise.reject(new Error("locked")) };
    const housekeeping = new Housekeeping({
      store: {
        webSessions,
        adminGrants,
        audit,
        invitations,
        deliveries,
        verify: () => Promise.resolve(),
      },
      alerts: alertsOf(),
      clock,
      retentionDays: 30,
    });
    const timers = clock.timers;
    await housekeeping.start();
    assert.equal(clock.timers, timers + 1);
    housekeeping.stop();
  }));

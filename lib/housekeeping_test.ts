import assert from "node:assert/strict";
import { DAY_MS } from "./clock.ts";
import { Housekeeping } from "./housekeeping.ts";
import { delivery, signIn, START_MS, withStore } from "./store/testing.ts";
import type { AccountRecord } from "./store/store.ts";
import { settle } from "./testing/settle.ts";

/** Tokens that know some accounts. */
function tokensOf(known: readonly string[]) {
  const adopted: string[] = [];
  return {
    adopted,
    status: (id: string) =>
      [...known, ...adopted].includes(id) ? { state: "ok" } as const : undefined,
    adopt: ({ id }: AccountRecord) => Promise.resolve(void adopted.push(id)),
  };
}

Deno.test("Housekeeping deletes old deliveries and expired web sessions once a day", () =>
  withStore(async ({ store, clock }) => {
    const { account } = await store.accounts.recordSignIn(signIn(), Uint8Array.of(1));
    const tokens = tokensOf([account.id]);
    for (const ageDays of [5, 29, 31]) {
      await store.deliveries.record(delivery(account.id, { atMs: START_MS - ageDays * DAY_MS }));
    }
    await store.flush();
    const idHash = new Uint8Array(32);
    const session = { idHash, accountId: account.id, createdAtMs: 0, expiresAtMs: START_MS - 1 };
    await store.webSessions.add(session);
    const ages = async () => {
      const rows = await store.deliveries.list({ limit: 10 });
      return rows.map(({ atMs }) => (START_MS - atMs) / DAY_MS);
    };

    const housekeeping = new Housekeeping({ store, tokens, clock, retentionDays: 30 });
    await housekeeping.start();
    assert.deepEqual((await ages()).toSorted((a, b) => a - b), [5, 29]);
    assert.equal(await store.webSessions.get(idHash, 0), undefined);
    for (const _day of [1, 2]) {
      await clock.advance(DAY_MS);
      await settle();
    }
    assert.deepEqual(await ages(), [5]);
    housekeeping.stop();
    assert.deepEqual(tokens.adopted, []);
  }));

Deno.test("Housekeeping looks after accounts that a command has added", () =>
  withStore(async ({ store, clock }) => {
    const { account } = await store.accounts.recordSignIn(signIn(), Uint8Array.of(1));
    const tokens = tokensOf([]);
    const housekeeping = new Housekeeping({ store, tokens, clock, retentionDays: 30 });
    await housekeeping.start();
    assert.deepEqual(tokens.adopted, [account.id]);
    housekeeping.stop();
  }));

Deno.test("D1: Housekeeping goes on when the database fails", () =>
  withStore(async ({ store, clock }) => {
    const { accounts, webSessions } = store;
    const deliveries = { deleteBefore: () => Promise.reject(new Error("locked")) };
    const options = { tokens: tokensOf([]), clock, retentionDays: 30 };
    const housekeeping = new Housekeeping({
      store: { accounts, webSessions, deliveries },
      ...options,
    });
    const timers = clock.timers;
    await housekeeping.start();
    assert.equal(clock.timers, timers + 1);
    housekeeping.stop();
  }));

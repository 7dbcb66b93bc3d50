import assert from "node:assert/strict";
import { SmtpError } from "../../smtp/mod.ts";
import { ANNA } from "../../smtp/testing/fakes.ts";
import { DAY_MS } from "../base/mod.ts";
import { StoreError } from "../store/mod.ts";
import { appPassword, delivery, signIn, START_MS, withStore } from "../store/testing.ts";
import { DailyAllowance } from "./allowance.ts";

const ACCOUNT = { ...ANNA, appPasswordId: "p1", dailyLimit: 5 };

Deno.test("DailyAllowance counts the recipients of the last 24 hours, also after a restart", () =>
  withStore(async ({ store, clock }) => {
    const { account: { id } } = await store.accounts.recordSignIn(signIn(), Uint8Array.of(1));
    await store.appPasswords.add(appPassword(id, "p1"));
    const now = START_MS + DAY_MS;
    await clock.advance(DAY_MS);
    const records = [
      delivery(id, { atMs: now - DAY_MS, recipientCount: 1 }),
      delivery(id, { atMs: now - DAY_MS + 1, recipientCount: 2 }),
      delivery(id, { atMs: now, recipientCount: 1, outcome: "unknown" }),
      delivery(id, { atMs: now, recipientCount: 1, outcome: "deferred" }),
      delivery(id, { atMs: now, recipientCount: 1, appPasswordId: "p2" }),
    ];
    for (const record of records) await store.deliveries.record(record);
    for (const allowance of [1, 2].map(() => new DailyAllowance(store.deliveries, clock))) {
      assert.equal(await allowance.reserve(ACCOUNT, 10), 2);
      assert.equal(await allowance.reserve(ACCOUNT, 1), 0);
    }
    await clock.advance(1);
    assert.equal(await new DailyAllowance(store.deliveries, clock).reserve(ACCOUNT, 10), 4);
  }));

Deno.test("DailyAllowance counts transactions in progress, of one app password at a time", async () => {
  const allowance = new DailyAllowance({ countSent: () => Promise.resolve(1) }, { now: () => 0 });
  assert.deepEqual(
    await Promise.all([allowance.reserve(ACCOUNT, 3), allowance.reserve(ACCOUNT, 3)]),
    [3, 1],
  );
  assert.equal(await allowance.reserve({ ...ACCOUNT, appPasswordId: "p2" }, 3), 3);
  assert.equal(await allowance.reserve({ ...ACCOUNT, dailyLimit: undefined }, 3), 3);
  allowance.release(ACCOUNT, 2);
  assert.equal(await allowance.reserve(ACCOUNT, 3), 2);
});

Deno.test("DailyAllowance refuses for the moment while the database fails", async () => {
  const countSent = () => Promise.reject(new StoreError("locked", "locked"));
  const allowance = new DailyAllowance({ countSent }, { now: () => 0 });
  await assert.rejects(allowance.reserve(ACCOUNT, 1), (error) => {
    assert(error instanceof SmtpError);
    assert.equal(error.reply.code, 451);
    assert(error.privateCause instanceof StoreError);
    return true;
  });
});

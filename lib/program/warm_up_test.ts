import assert from "node:assert/strict";
import { type Account, LoginError, UpstreamError } from "../../smtp/mod.ts";
import { DAY_MS, MINUTE_MS, pause, SECOND_MS } from "../base/mod.ts";
import type { SqliteStore } from "../store/mod.ts";
import { delivery, signIn, START_MS, withStore } from "../store/testing.ts";
import { ManualClock } from "../testing/manual_clock.ts";
import { settle } from "../testing/settle.ts";
import { WarmUp, type WarmUpOptions } from "./warm_up.ts";

interface Fixture {
  readonly store: SqliteStore;
  readonly clock: ManualClock;
  /** The mailboxes that were signed in, in this order. */
  readonly prepared: string[];
  /** Starts the program anew. */
  start(changes?: Partial<WarmUpOptions>): WarmUp;
  /** Adds a mailbox that sent a message some time before the start. */
  add(name: string, agoMs: number): Promise<string>;
}

function withFixture(test: (fixture: Fixture) => Promise<void>): Promise<void> {
  return withStore(async ({ store }) => {
    const clock = new ManualClock(START_MS, settle);
    const prepared: string[] = [];
    const options: WarmUpOptions = {
      store,
      accounts: { smtpAccount: ({ id, email }) => ({ id, mailbox: email }) as Account },
      signUpPolicy: { refusal: () => undefined },
      prepare: ({ mailbox }) => Promise.resolve(void prepared.push(mailbox)),
      clock,
    };
    let count = 0;
    await test({
      ...{ store, clock, prepared },
      start(changes) {
        const warmUp = new WarmUp({ ...options, ...changes });
        void warmUp.start();
        return warmUp;
      },
      async add(name, agoMs) {
        const identity = { email: name, objectId: `object ${count++}` };
        const { account } = await store.accounts.recordSignIn(signIn(identity), Uint8Array.of(1));
        await store.deliveries.record(delivery(account.id, { atMs: START_MS - agoMs }));
        await store.flush();
        return account.id;
      },
    });
  });
}

const names = (count: number) => Array.from({ length: count }, (_, n) => `m${n}@example.com`);

Deno.test("WarmUp signs in once each mailbox that has sent within a day, the last one first", () =>
  withFixture(async ({ add, start, clock, prepared }) => {
    await add("long.ago@example.com", DAY_MS + 1);
    await add("early@example.com", 3_000);
    await add("late@example.com", 2_000);
    start();
    await clock.advance(SECOND_MS);
    assert.deepEqual(prepared, ["late@example.com", "early@example.com"]);
    await clock.advance(DAY_MS);
    assert.equal(prepared.length, 2);
    assert.equal(clock.timers, 0);
  }));

Deno.test("WarmUp signs in at most 64 mailboxes, 15 a second, three at once", () =>
  withFixture(async ({ add, start, clock, prepared }) => {
    for (const name of names(70)) await add(name, 1_000);
    let underWay = 0;
    let most = 0;
    start({
      async prepare({ mailbox }) {
        most = Math.max(most, ++underWay);
        await pause(clock, 20);
        underWay--;
        prepared.push(mailbox);
      },
    });
    await clock.advance(SECOND_MS);
    assert.ok(prepared.length >= 10 && prepared.length <= 18, `${prepared.length} in a second`);
    await clock.advance(MINUTE_MS);
    assert.equal(prepared.length, 64);
    assert.equal(new Set(prepared).size, 64);
    assert.equal(most, 3);
  }));

Deno.test("WarmUp does nothing in a program that has started within the last two minutes", () =>
  withFixture(async ({ add, start, clock, prepared }) => {
    await add("nora@example.com", 1_000);
    for (let restart = 0; restart < 10; restart++) {
      start();
      await clock.advance(10 * SECOND_MS);
    }
    assert.equal(prepared.length, 1);
    await clock.advance(2 * MINUTE_MS);
    start();
    await clock.advance(SECOND_MS);
    assert.equal(prepared.length, 2);
  }));

Deno.test("WarmUp leaves mailboxes alone that were refused, or that the operator does not allow", () =>
  withFixture(async ({ store, add, start, clock, prepared }) => {
    await add("nora@example.com", 1_000);
    const refused = await add("refused@example.com", 1_000);
    await store.accounts.refuse(refused, "535 5.7.139", START_MS);
    await add("filtered@example.com", 1_000);
    const refusal = { setting: "ALLOWED_EMAILS_LIST", entry: "" } as const;
    start({
      signUpPolicy: { refusal: ({ email }) => email.startsWith("filtered") ? refusal : undefined },
    });
    await clock.advance(MINUTE_MS);
    assert.deepEqual(prepared, ["nora@example.com"]);
  }));

Deno.test("WarmUp goes on after the refusal of a mailbox, and ends when the submission server is away", () =>
  withFixture(async ({ add, start, clock }) => {
    for (const name of names(20)) await add(name, 1_000);
    let tries = 0;
    const failWith = (error: Error) => ({
      prepare() {
        tries++;
        return Promise.reject(error);
      },
    });
    start(failWith(new LoginError("refused", "no")));
    await clock.advance(3 * MINUTE_MS);
    assert.equal(tries, 20);
    tries = 0;
    start(failWith(new UpstreamError("unreachable", "no route")));
    await clock.advance(MINUTE_MS);
    assert.ok(tries >= 3 && tries <= 5, `${tries} tries`);
  }));

Deno.test("WarmUp ends with the program, and is off where replicas share the database", () =>
  withFixture(async ({ store, add, start, clock, prepared }) => {
    for (const name of names(20)) await add(name, 1_000);
    const { deliveries, accounts } = store;
    start({ store: { deliveries, accounts } });
    await clock.advance(MINUTE_MS);
    assert.deepEqual(prepared, []);
    const warmUp = start();
    await settle();
    await clock.advance(0);
    warmUp.stop();
    await clock.advance(MINUTE_MS);
    assert.ok(prepared.length <= 3, `${prepared.length}`);
  }));

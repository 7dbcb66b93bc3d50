import assert from "node:assert/strict";
import { ManualClock } from "../testing/manual_clock.ts";
import { settle } from "../testing/settle.ts";
import type { Delivery } from "../store/store.ts";
import { LiveDeliveries, type LiveRequest, STREAMS_PER_ACCOUNT } from "./live_deliveries.ts";

/** A database with deliveries that a test adds, and a page's stream. */
class LiveFixture {
  readonly clock = new ManualClock(0, settle);
  readonly deliveries: Delivery[] = [];
  readonly errors: unknown[] = [];
  error?: Error;
  welcome = true;
  queries = 0;

  readonly live = new LiveDeliveries({
    clock: this.clock,
    onError: (error) => this.errors.push(error),
    deliveries: {
      list: ({ accountId, afterId = 0, outcome, limit }) => {
        this.queries++;
        if (this.error) return Promise.reject(this.error);
        return Promise.resolve(
          this.deliveries.filter((one) =>
            one.id > afterId && (!accountId || one.accountId === accountId) &&
            (!outcome || one.outcome === outcome)
          ).slice(0, limit),
        );
      },
    },
  });

  add(id: number, accountId = "a", outcome: Delivery["outcome"] = "accepted"): void {
    this.deliveries.unshift({ id, accountId, outcome } as Delivery);
  }

  open(changes: Partial<LiveRequest> = {}) {
    return this.live.open({
      accountId: "a",
      afterId: 0,
      filter: {},
      isAuthorized: () => Promise.resolve(this.welcome),
      format: (deliveries) => deliveries.map(({ id }) => id).join(),
      ...changes,
    });
  }

  /** The stream's text so far, as it grows. */
  read(
    stream: ReadableStream<Uint8Array<ArrayBuffer>> | undefined,
  ): { text: string; ended: Promise<void> } {
    const result = { text: "", ended: Promise.resolve() };
    result.ended = (async () => {
      for await (const text of stream!.pipeThrough(new TextDecoderStream())) result.text += text;
    })();
    return result;
  }
}

Deno.test("LiveDeliveries sends what a page does not know yet, then what comes", async () => {
  const fixture = new LiveFixture();
  fixture.add(1);
  fixture.add(2);
  const page = fixture.read(fixture.open({ afterId: 1 }));
  await fixture.clock.advance(1000);
  assert.equal(page.text, ": hello\n\nid: 2\ndata: 2\n\n");
  fixture.add(3);
  fixture.add(4, "b");
  await fixture.clock.advance(1000);
  assert.match(page.text, /\n\nid: 3\ndata: 3\n\n$/);
  fixture.live.close();
  await page.ended;
});

Deno.test("LiveDeliveries keeps to a page's filter", async () => {
  const fixture = new LiveFixture();
  const page = fixture.read(fixture.open({ filter: { outcome: "refused" } }));
  await fixture.clock.advance(1000);
  fixture.add(1);
  fixture.add(2, "a", "refused");
  await fixture.clock.advance(1000);
  assert.equal(page.text, ": hello\n\nid: 2\ndata: 2\n\n");
  fixture.live.close();
});

Deno.test("LiveDeliveries looks at the database once a second for all pages, and not without one", async () => {
  const fixture = new LiveFixture();
  const streams = [fixture.open({ accountId: "b" }), fixture.open({ accountId: "c" })];
  await fixture.clock.advance(1000);
  const before = fixture.queries;
  await fixture.clock.advance(10_000);
  assert.equal(fixture.queries - before, 10);
  for (const stream of streams) await stream?.cancel();
  assert.equal(fixture.live.streamCount, 0);
  await fixture.clock.advance(1000);
  const afterwards = fixture.queries;
  await fixture.clock.advance(10_000);
  assert.equal(fixture.queries, afterwards);
});

Deno.test("LiveDeliveries bounds the streams of an account", () => {
  const fixture = new LiveFixture();
  for (let count = 0; count < STREAMS_PER_ACCOUNT; count++) assert.ok(fixture.open());
  assert.equal(fixture.open(), undefined);
  assert.ok(fixture.open({ accountId: "b" }));
  fixture.live.close();
  assert.equal(fixture.live.streamCount, 0);
  assert.ok(fixture.open());
  fixture.live.close();
});

Deno.test("W4: LiveDeliveries sends nothing to a session that has ended", async () => {
  const fixture = new LiveFixture();
  const page = fixture.read(fixture.open());
  await fixture.clock.advance(1000);
  fixture.welcome = false;
  fixture.add(1);
  await fixture.clock.advance(1000);
  await page.ended;
  assert.equal(page.text, ": hello\n\n");
});

Deno.test("LiveDeliveries gives signs of life, and ends a stream after a while", async () => {
  const fixture = new LiveFixture();
  const page = fixture.read(fixture.open());
  await fixture.clock.advance(30_000);
  assert.equal(page.text, ": hello\n\n: still here\n\n");
  await fixture.clock.advance(10 * 60_000);
  await page.ended;
  assert.equal(fixture.live.streamCount, 0);
});

Deno.test("LiveDeliveries ends the stream of a reader who does not read", async () => {
  const fixture = new LiveFixture();
  fixture.open();
  for (let id = 1; id <= 20; id++) {
    fixture.add(id);
    await fixture.clock.advance(1000);
  }
  assert.equal(fixture.live.streamCount, 0);
});

Deno.test("D1: LiveDeliveries goes on when the database is back", async () => {
  const fixture = new LiveFixture();
  const page = fixture.read(fixture.open());
  fixture.error = new Error("locked");
  await fixture.clock.advance(2000);
  assert.ok(fixture.errors.length > 0);
  fixture.error = undefined;
  fixture.add(1);
  await fixture.clock.advance(2000);
  assert.match(page.text, /data: 1/);
  fixture.live.close();
});

Deno.test("W4: LiveDeliveries ends a stream at once when its reader has signed out", async () => {
  const fixture = new LiveFixture();
  const ending = fixture.read(fixture.open());
  const others = fixture.open({ accountId: "b", isAuthorized: () => Promise.resolve(true) });
  fixture.welcome = false;
  await fixture.live.recheck("a");
  await ending.ended;
  assert.equal(fixture.live.streamCount, 1);
  await others!.cancel();
});

Deno.test("W4: LiveDeliveries notices within a second that another process has ended a session", async () => {
  const fixture = new LiveFixture();
  const ending = fixture.read(fixture.open());
  await fixture.clock.advance(1_000);
  fixture.welcome = false;
  await fixture.clock.advance(1_000);
  await ending.ended;
});

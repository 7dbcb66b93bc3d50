import assert from "node:assert/strict";
import { ManualClock } from "../testing/manual_clock.ts";
import { settle } from "../testing/settle.ts";
import type { Delivery } from "../store/store.ts";
import { LiveDeliveries, type LiveRequest, STREAMS_PER_ACCOUNT } from "./live_deliveries.ts";

/** A database with deliveries that a test adds, and a page's stream. */
class LiveWorld {
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
      isWelcome: () => Promise.resolve(this.welcome),
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
  const world = new LiveWorld();
  world.add(1);
  world.add(2);
  const page = world.read(world.open({ afterId: 1 }));
  await world.clock.advance(1000);
  assert.equal(page.text, ": hello\n\nid: 2\ndata: 2\n\n");
  world.add(3);
  world.add(4, "b");
  await world.clock.advance(1000);
  assert.match(page.text, /\n\nid: 3\ndata: 3\n\n$/);
  world.live.close();
  await page.ended;
});

Deno.test("LiveDeliveries keeps to a page's filter", async () => {
  const world = new LiveWorld();
  const page = world.read(world.open({ filter: { outcome: "refused" } }));
  await world.clock.advance(1000);
  world.add(1);
  world.add(2, "a", "refused");
  await world.clock.advance(1000);
  assert.equal(page.text, ": hello\n\nid: 2\ndata: 2\n\n");
  world.live.close();
});

Deno.test("LiveDeliveries looks at the database once a second for all pages, and not without one", async () => {
  const world = new LiveWorld();
  const streams = [world.open({ accountId: "b" }), world.open({ accountId: "c" })];
  await world.clock.advance(1000);
  const before = world.queries;
  await world.clock.advance(10_000);
  assert.equal(world.queries - before, 10);
  for (const stream of streams) await stream?.cancel();
  assert.equal(world.live.streamCount, 0);
  await world.clock.advance(1000);
  const afterwards = world.queries;
  await world.clock.advance(10_000);
  assert.equal(world.queries, afterwards);
});

Deno.test("LiveDeliveries bounds the streams of an account", () => {
  const world = new LiveWorld();
  for (let count = 0; count < STREAMS_PER_ACCOUNT; count++) assert.ok(world.open());
  assert.equal(world.open(), undefined);
  assert.ok(world.open({ accountId: "b" }));
  world.live.close();
  assert.equal(world.live.streamCount, 0);
  assert.ok(world.open());
  world.live.close();
});

Deno.test("W4: LiveDeliveries sends nothing to a session that has ended", async () => {
  const world = new LiveWorld();
  const page = world.read(world.open());
  await world.clock.advance(1000);
  world.welcome = false;
  world.add(1);
  await world.clock.advance(1000);
  await page.ended;
  assert.equal(page.text, ": hello\n\n");
});

Deno.test("LiveDeliveries gives signs of life, and ends a stream after a while", async () => {
  const world = new LiveWorld();
  const page = world.read(world.open());
  await world.clock.advance(30_000);
  assert.equal(page.text, ": hello\n\n: still here\n\n");
  await world.clock.advance(10 * 60_000);
  await page.ended;
  assert.equal(world.live.streamCount, 0);
});

Deno.test("LiveDeliveries ends the stream of a reader who does not read", async () => {
  const world = new LiveWorld();
  world.open();
  for (let id = 1; id <= 20; id++) {
    world.add(id);
    await world.clock.advance(1000);
  }
  assert.equal(world.live.streamCount, 0);
});

Deno.test("D1: LiveDeliveries goes on when the database is back", async () => {
  const world = new LiveWorld();
  const page = world.read(world.open());
  world.error = new Error("locked");
  await world.clock.advance(2000);
  assert.ok(world.errors.length > 0);
  world.error = undefined;
  world.add(1);
  await world.clock.advance(2000);
  assert.match(page.text, /data: 1/);
  world.live.close();
});

Deno.test("W4: LiveDeliveries ends a stream at once when its reader has signed out", async () => {
  const world = new LiveWorld();
  const ending = world.read(world.open());
  const others = world.open({ accountId: "b", isWelcome: () => Promise.resolve(true) });
  world.welcome = false;
  await world.live.recheck("a");
  await ending.ended;
  assert.equal(world.live.streamCount, 1);
  await others!.cancel();
});

Deno.test("W4: LiveDeliveries notices within a second that another process has ended a session", async () => {
  const world = new LiveWorld();
  const ending = world.read(world.open());
  await world.clock.advance(1_000);
  world.welcome = false;
  await world.clock.advance(1_000);
  await ending.ended;
});

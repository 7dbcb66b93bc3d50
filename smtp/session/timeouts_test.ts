import assert from "node:assert/strict";
import { DEFAULT_SESSION_LIMITS, FIXED_SESSION_LIMITS } from "./limits.ts";
import { type Activity, Timeouts } from "./timeouts.ts";
import { manualClock } from "../testing/manual_clock.ts";
import { octets } from "../testing/assertions.ts";
import { linkedTransports } from "../testing/memory_transport.ts";
import { WireReader } from "../net/wire.ts";

const LIMITS = {
  ...DEFAULT_SESSION_LIMITS,
  ...FIXED_SESSION_LIMITS,
};

const LOGGING_IN: Activity = { loggedIn: false, receiving: false, clientIsSlow: false };
const IDLE: Activity = { loggedIn: true, receiving: false, clientIsSlow: false };
const RECEIVING: Activity = { loggedIn: true, receiving: true, clientIsSlow: false };

/** A session that waits for its client, or works, for a given time. */
class Watched {
  readonly #clock = manualClock();
  readonly #ends = linkedTransports();
  readonly reader = new WireReader(this.#ends[1], this.#clock);
  readonly timeouts = new Timeouts(this.reader, this.#clock.now(), {
    limits: LIMITS,
    clock: this.#clock,
  });
  #filled: Promise<boolean> | undefined;

  /** Lets the session wait for its client. */
  async wait(seconds: number): Promise<void> {
    this.#filled ??= this.reader.fill();
    await this.#clock.advance(seconds * 1000);
  }

  /** Lets the client send, and the session continue. */
  async receive(octetCount: number): Promise<void> {
    this.#filled ??= this.reader.fill();
    this.#ends[0].write(octets("x".repeat(octetCount)));
    await this.#filled;
    this.#filled = undefined;
    this.reader.consume(octetCount);
  }

  /** Lets the session work. */
  async work(seconds: number): Promise<void> {
    await this.#clock.advance(seconds * 1000);
  }

  /** Returns why the session has to end. */
  verdict(activity: Activity): string | undefined {
    const error = this.timeouts.expired(activity);
    if (error === undefined) return undefined;
    assert(error.closes);
    return `${error.reply.code} ${error.reply.enhanced}: ${(error.cause as Error).message}`;
  }
}

Deno.test("S18: Timeouts ends a login that takes too long, whatever the client sends meanwhile", async () => {
  const session = new Watched();
  await session.wait(40);
  await session.receive(10);
  await session.wait(20);
  assert.equal(session.verdict(LOGGING_IN), undefined);
  await session.wait(1);
  assert.equal(session.verdict(LOGGING_IN), "421 4.7.0: no login in time");
});

Deno.test("Timeouts does not end a login while the upstream keeps us waiting", async () => {
  const session = new Watched();
  await session.work(100);
  assert.equal(session.verdict(LOGGING_IN), undefined);
});

Deno.test("S18: Timeouts ends a login whose client does not listen, or does not shake hands", async () => {
  const session = new Watched();
  await session.work(61);
  const activity = { ...LOGGING_IN, clientIsSlow: true };
  assert.equal(session.verdict(activity), "421 4.7.0: no login in time");
});

Deno.test("Timeouts ends a session that says nothing", async () => {
  const session = new Watched();
  await session.wait(300);
  assert.equal(session.verdict(IDLE), undefined);
  await session.wait(1);
  assert.equal(session.verdict(IDLE), "421 4.4.2: silent for 300 s");
  await session.receive(1);
  await session.wait(1);
  assert.equal(session.verdict(IDLE), undefined);
});

Deno.test("Timeouts does not end a session while the upstream keeps us waiting", async () => {
  const session = new Watched();
  await session.receive(1);
  await session.work(600);
  assert.equal(session.verdict(IDLE), undefined);
  assert.equal(session.verdict(RECEIVING), undefined);
});

Deno.test("Timeouts ends a message that stops", async () => {
  const session = new Watched();
  session.timeouts.messageBegins();
  await session.receive(100_000);
  await session.wait(180);
  assert.equal(session.verdict(RECEIVING), undefined);
  await session.wait(1);
  assert.equal(session.verdict(RECEIVING), "421 4.4.2: silent for 180 s");
});

Deno.test("D4: Timeouts ends a message that trickles, after a minute of grace", async () => {
  const session = new Watched();
  await session.receive(1_000_000);
  session.timeouts.messageBegins();
  for (let i = 0; i < 6; i++) {
    await session.wait(10);
    assert.equal(session.verdict(RECEIVING), undefined);
    await session.receive(100);
  }
  await session.wait(1);
  assert.equal(session.verdict(RECEIVING), "421 4.4.2: below the minimum data rate");
});

Deno.test("D4: Timeouts does not count time in which the upstream keeps us waiting", async () => {
  const session = new Watched();
  session.timeouts.messageBegins();
  await session.wait(10);
  await session.receive(7_000);
  await session.work(1_000);
  await session.wait(55);
  assert.equal(session.verdict(RECEIVING), undefined);
});

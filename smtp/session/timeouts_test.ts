import assert from "node:assert/strict";
import { DEFAULT_SESSION_LIMITS, FIXED_SESSION_LIMITS } from "./limits.ts";
import { type Occupation, Patience } from "./timeouts.ts";
import { octets } from "../testing/assertions.ts";
import { linkedTransports } from "../testing/memory_transport.ts";
import { WireReader } from "../net/wire.ts";

const LIMITS = {
  ...DEFAULT_SESSION_LIMITS,
  ...FIXED_SESSION_LIMITS,
};

const LOGGING_IN: Occupation = { loggedIn: false, receiving: false, clientIsSlow: false };
const IDLE: Occupation = { loggedIn: true, receiving: false, clientIsSlow: false };
const RECEIVING: Occupation = { loggedIn: true, receiving: true, clientIsSlow: false };

/** A session that waits for its client, or works, as long as a test says. */
class Watched {
  #nowMs = 0;
  readonly #ends = linkedTransports();
  readonly reader = new WireReader(this.#ends[1], () => this.#nowMs);
  readonly patience = new Patience(this.reader, {
    limits: LIMITS,
    now: () => this.#nowMs,
  });
  #filled: Promise<boolean> | undefined;

  /** Time passes while the session waits for its client. */
  wait(seconds: number): void {
    this.#filled ??= this.reader.fill();
    this.#nowMs += seconds * 1000;
  }

  /** The client sends, and the session goes to work. */
  async receive(octetCount: number): Promise<void> {
    this.#filled ??= this.reader.fill();
    this.#ends[0].write(octets("x".repeat(octetCount)));
    await this.#filled;
    this.#filled = undefined;
    this.reader.consume(octetCount);
  }

  /** Time passes while the session works. */
  work(seconds: number): void {
    this.#nowMs += seconds * 1000;
  }

  /** Why the session has to end. */
  verdict(occupation: Occupation): string | undefined {
    const error = this.patience.exhausted(occupation);
    if (error === undefined) return undefined;
    assert(error.closes);
    return `${error.reply.code} ${error.reply.enhanced}: ${(error.cause as Error).message}`;
  }
}

Deno.test("S18: Patience ends a login that takes too long, whatever the client sends meanwhile", async () => {
  const session = new Watched();
  session.wait(40);
  await session.receive(10);
  session.wait(20);
  assert.equal(session.verdict(LOGGING_IN), undefined);
  session.wait(1);
  assert.equal(session.verdict(LOGGING_IN), "421 4.7.0: no login in time");
});

Deno.test("Patience does not end a login while the upstream keeps us waiting", () => {
  const session = new Watched();
  session.work(100);
  assert.equal(session.verdict(LOGGING_IN), undefined);
});

Deno.test("S18: Patience ends a login whose client does not listen, or does not shake hands", () => {
  const session = new Watched();
  session.work(61);
  const occupation = { ...LOGGING_IN, clientIsSlow: true };
  assert.equal(session.verdict(occupation), "421 4.7.0: no login in time");
});

Deno.test("Patience ends a session that says nothing", async () => {
  const session = new Watched();
  session.wait(300);
  assert.equal(session.verdict(IDLE), undefined);
  session.wait(1);
  assert.equal(session.verdict(IDLE), "421 4.4.2: silent for 300 s");
  await session.receive(1);
  session.wait(1);
  assert.equal(session.verdict(IDLE), undefined);
});

Deno.test("Patience does not end a session while the upstream keeps us waiting", async () => {
  const session = new Watched();
  await session.receive(1);
  session.work(600);
  assert.equal(session.verdict(IDLE), undefined);
  assert.equal(session.verdict(RECEIVING), undefined);
});

Deno.test("Patience ends a message that stops", async () => {
  const session = new Watched();
  session.patience.messageBegins();
  await session.receive(100_000);
  session.wait(180);
  assert.equal(session.verdict(RECEIVING), undefined);
  session.wait(1);
  assert.equal(session.verdict(RECEIVING), "421 4.4.2: silent for 180 s");
});

Deno.test("D4: Patience ends a message that trickles, after a minute of grace", async () => {
  const session = new Watched();
  await session.receive(1_000_000);
  session.patience.messageBegins();
  for (let i = 0; i < 6; i++) {
    session.wait(10);
    assert.equal(session.verdict(RECEIVING), undefined);
    await session.receive(100);
  }
  session.wait(1);
  assert.equal(session.verdict(RECEIVING), "421 4.4.2: below the minimum data rate");
});

Deno.test("D4: Patience does not count time in which the upstream keeps us waiting", async () => {
  const session = new Watched();
  session.patience.messageBegins();
  session.wait(10);
  await session.receive(7_000);
  session.work(1_000);
  session.wait(55);
  assert.equal(session.verdict(RECEIVING), undefined);
});

import assert from "node:assert/strict";
import { MINUTE_MS } from "../base/mod.ts";
import { ManualClock } from "../testing/manual_clock.ts";
import { LineDigest, shortName } from "./digest.ts";

/** Lines as they are written. */
class Written {
  readonly lines: string[] = [];
  readonly clock = new ManualClock(0);
  readonly digest: LineDigest;

  constructor(singleLines = 1) {
    const write = (message: string, properties: object) =>
      void this.lines.push(`${message} ${JSON.stringify(properties)}`);
    this.digest = new LineDigest({ info: write, warning: write } as never, this.clock, singleLines);
  }

  fail(address: string, name?: string, reason = "invalid"): void {
    const properties = { client: address };
    this.digest.write({
      ...{ level: "warning", message: "login failed" },
      ...{ reason, address, name, properties },
    });
  }

  take(): string[] {
    return this.lines.splice(0);
  }
}

Deno.test("S23: LineDigest writes the first line of a kind and network at once, and counts the next", async () => {
  const written = new Written();
  for (let count = 0; count < 1_000; count++) written.fail("192.0.2.1", `name ${count}`);
  written.fail("192.0.2.2");
  written.fail("192.0.2.1", undefined, "throttled");
  assert.deepEqual(written.take(), [
    'login failed {"client":"192.0.2.1"}',
    'login failed {"client":"192.0.2.2"}',
    'login failed {"client":"192.0.2.1"}',
  ]);
  await written.clock.advance(MINUTE_MS);
  assert.deepEqual(written.take(), [
    'login failed: more of the same {"network":"192.0.2.1","reason":"invalid","count":999,"seconds":60,' +
    '"names":["name 1","name 2","name 3"]}',
  ]);
});

Deno.test("S23: LineDigest writes one summary a minute while a flood lasts, and no line more", async () => {
  const written = new Written();
  written.fail("192.0.2.1");
  written.take();
  for (let minute = 0; minute < 3; minute++) {
    for (let count = 0; count < 500; count++) written.fail("192.0.2.1");
    await written.clock.advance(MINUTE_MS);
    assert.match(written.take().join("\n"), /^login failed: more of the same .*"count":500.*$/);
  }
  await written.clock.advance(MINUTE_MS);
  assert.equal(written.clock.timers, 0);
  written.fail("192.0.2.1");
  assert.deepEqual(written.take(), ['login failed {"client":"192.0.2.1"}']);
  written.digest.flush();
});

Deno.test("S23: LineDigest counts an IPv6 customer's networks together, and bounds what many networks write", async () => {
  const written = new Written();
  for (let net = 0; net < 100; net++) written.fail(`2001:db8:0:${net}::1`);
  assert.equal(written.take().length, 1);
  for (let net = 0; net < 5_000; net++) written.fail(`198.51.${net >> 8}.${net & 255}`);
  assert.ok(written.lines.length <= 201, `${written.lines.length} lines`);
  written.take();
  await written.clock.advance(MINUTE_MS);
  assert.match(written.lines.join("\n"), /"network":"others","reason":"invalid","count":4800/);
  written.digest.flush();
});

Deno.test("LineDigest writes some lines of a kind one by one before it counts", async () => {
  const written = new Written(3);
  for (let count = 0; count < 5; count++) written.fail("192.0.2.1");
  assert.equal(written.take().length, 3);
  await written.clock.advance(MINUTE_MS);
  assert.match(written.take().join("\n"), /^login failed: more of the same .*"count":2,.*$/);
});

Deno.test("LineDigest.flush() writes what is due, and ends its timer", () => {
  const written = new Written();
  written.fail("192.0.2.1");
  written.fail("192.0.2.1");
  written.digest.flush();
  assert.equal(written.take().length, 2);
  assert.equal(written.clock.timers, 0);
});

Deno.test("S23: shortName() keeps a long name short", () => {
  assert.equal(shortName("anna@example.com"), "anna@example.com");
  assert.equal(shortName("x".repeat(255)), `${"x".repeat(64)}… (255)`);
});

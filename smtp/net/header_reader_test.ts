import assert from "node:assert/strict";
import { concat } from "../protocol/octets.ts";
import { type ManualClock, manualClock } from "../testing/manual_clock.ts";
import { linkedTransports, type MemoryTransport } from "../testing/memory_transport.ts";
import { binaryHeader, sslExtension } from "../testing/proxy_headers.ts";
import { type ConnectionStart, readHeader } from "./header_reader.ts";
import { ProxyProtocolError } from "./proxy_header.ts";

const encoder = new TextEncoder();
const HELLO = encoder.encode("EHLO client.example\r\n");
const HEADER = binaryHeader({ extensions: sslExtension(1) });
const CLIENT = "192.0.2.7";

/** A connection whose header is being read. */
interface Reading {
  readonly clock: ManualClock;
  /** The proxy's end. */
  readonly peer: MemoryTransport;
  /** Our end. */
  readonly ours: MemoryTransport;
  readonly started: Promise<ConnectionStart>;
}

const SILENCE_MS = 500;
const HEADER_TIMEOUT_MS = 5_000;

async function begin(required: boolean, test: (reading: Reading) => Promise<void>): Promise<void> {
  const clock = manualClock();
  const [peer, ours] = linkedTransports();
  const started = readHeader(() => ours.read(), { required, silenceMs: SILENCE_MS }, clock);
  started.catch(() => {}); // The test awaits it, perhaps after it has failed.
  await test({ clock, peer, ours, started });
  assert.equal(clock.timers, 0, "a timer goes on");
}

Deno.test("readHeader() returns the client and the octets after the header", () =>
  begin(true, async ({ peer, ours, started }) => {
    await peer.write(concat(HEADER, HELLO));
    const { header, first } = await started;
    assert.equal(header?.address, CLIENT);
    assert.equal(header?.secure, true);
    assert.deepEqual(await first, HELLO);
    await peer.write(HELLO);
    assert.deepEqual(await ours.read(), HELLO);
  }));

Deno.test("readHeader() reads a header in any pieces, and returns the octets after it", async () => {
  const octets = concat(HEADER, HELLO);
  for (let cut = 1; cut < octets.length; cut++) {
    await begin(true, async ({ peer, started }) => {
      await peer.write(octets.slice(0, cut));
      await peer.write(octets.slice(cut));
      const { header, first } = await started;
      assert.equal(header?.address, CLIENT);
      const behind = cut === HEADER.length ? undefined : octets.slice(HEADER.length, cut);
      assert.deepEqual(await first, cut < HEADER.length ? HELLO : behind);
    });
  }
});

Deno.test("readHeader() reads a header that arrives octet by octet", () =>
  begin(true, async ({ peer, started }) => {
    for (const octet of concat(HEADER, HELLO)) await peer.write(Uint8Array.of(octet));
    const { header, first } = await started;
    assert.equal(header?.address, CLIENT);
    assert.equal(first, undefined);
  }));

Deno.test("readHeader() returns no client if the proxy connects on its own", () =>
  begin(true, async ({ peer, started }) => {
    await peer.write(binaryHeader({ command: 0x20 }));
    const { header } = await started;
    assert.equal(header?.address, undefined);
    assert.equal(header?.secure, false);
  }));

Deno.test("readHeader() accepts a client without a header if none is required", () =>
  begin(false, async ({ peer, started }) => {
    await peer.write(HELLO);
    const { header, first } = await started;
    assert.equal(header, undefined);
    assert.deepEqual(await first, HELLO);
  }));

Deno.test("S21: readHeader() rejects a client without the header that is required", () =>
  begin(true, async ({ peer, started }) => {
    await peer.write(HELLO);
    await assert.rejects(started, /no header/);
  }));

Deno.test("readHeader() accepts a silent client if no header is required", () =>
  begin(false, async ({ clock, peer, ours, started }) => {
    await clock.advance(SILENCE_MS);
    const { first } = await started;
    await peer.write(HELLO);
    assert.deepEqual(await first, HELLO);
    await peer.write(HELLO);
    assert.deepEqual(await ours.read(), HELLO);
  }));

Deno.test("S21: readHeader() rejects a silent peer that must send a header", () =>
  begin(true, async ({ clock, started }) => {
    await clock.advance(HEADER_TIMEOUT_MS);
    await assert.rejects(started, ProxyProtocolError);
  }));

for (const required of [true, false]) {
  const when = required ? "required" : "optional";
  Deno.test(`S21: readHeader() rejects a header that comes too slowly, also where it is ${when}`, () =>
    begin(required, async ({ clock, peer, started }) => {
      await peer.write(HEADER.slice(0, 5));
      await clock.advance(HEADER_TIMEOUT_MS - 1);
      await peer.write(HEADER.slice(5, 10));
      await clock.advance(1);
      await assert.rejects(started, ProxyProtocolError);
    }));

  Deno.test(`S21: readHeader() rejects a connection that ends inside the header, also where it is ${when}`, () =>
    begin(required, async ({ peer, started }) => {
      await peer.write(HEADER.slice(0, 5));
      peer.close();
      await assert.rejects(started, ProxyProtocolError);
    }));

  Deno.test(`S21: readHeader() rejects a connection that breaks inside the header, also where it is ${when}`, () =>
    begin(required, async ({ peer, started }) => {
      await peer.write(HEADER.slice(0, 5));
      peer.reset();
      await assert.rejects(started, ProxyProtocolError);
    }));
}

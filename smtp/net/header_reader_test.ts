import assert from "node:assert/strict";
import { concat } from "../protocol/octets.ts";
import { ProxyProtocolError } from "./proxy_header.ts";
import { FakeTime } from "../testing/fake_time.ts";
import { linkedTransports, type MemoryTransport } from "../testing/memory_transport.ts";
import { binaryHeader, sslExtension } from "../testing/proxy_headers.ts";
import type { Transport } from "./transport.ts";
import { headerRule, introduceTransport, type ProxyPolicy } from "./header_reader.ts";

const encoder = new TextEncoder();
const HELLO = encoder.encode("EHLO client.example\r\n");
const HEADER = binaryHeader({ extensions: sslExtension(1) });
const PROXY = "192.0.2.1";
const CLIENT = "192.0.2.7";

const RULES: readonly (readonly [ProxyPolicy["mode"], trusted: boolean, rule: string])[] = [
  ["off", true, "none"],
  ["off", false, "none"],
  ["optional", true, "optional"],
  ["optional", false, "none"],
  ["required", true, "required"],
  ["required", false, "refused"],
];

for (const [mode, trusted, rule] of RULES) {
  const peer = trusted ? "a trusted peer" : "anyone else";
  Deno.test(`S21: headerRule() is ${rule} for ${peer} when headers are ${mode}`, () => {
    const policy = { mode, trusts: (address: string) => trusted && address === PROXY };
    assert.equal(headerRule(policy, PROXY), rule);
  });
}

interface World {
  readonly time: FakeTime;
  /** The proxy's end. */
  readonly peer: MemoryTransport;
  readonly introduced: Promise<Transport>;
}

const SILENCE_MS = 500;
const HEADER_TIMEOUT_MS = 5_000;

async function begin(required: boolean, test: (world: World) => Promise<void>): Promise<void> {
  using time = new FakeTime();
  const [peer, ours] = linkedTransports({ remoteAddress: PROXY });
  const introduced = introduceTransport(ours, { required, silenceMs: SILENCE_MS });
  introduced.catch(() => {}); // The test awaits it, perhaps after it has failed.
  await test({ time, peer, introduced });
  assert.equal(time.pendingCount, 0, "a timer goes on");
}

Deno.test("introduceTransport() shows the client, and its octets behind the header", () =>
  begin(true, async ({ peer, introduced }) => {
    await peer.write(concat(HEADER, HELLO));
    const transport = await introduced;
    assert.equal(transport.remoteAddress, CLIENT);
    assert.equal(transport.secure, true);
    assert.deepEqual(await transport.read(), HELLO);
    await peer.write(HELLO);
    assert.deepEqual(await transport.read(), HELLO);
    peer.close();
    assert.equal(await transport.read(), null);
    transport.close();
  }));

Deno.test("introduceTransport() takes a header that comes octet by octet", () =>
  begin(true, async ({ peer, introduced }) => {
    for (const octet of concat(HEADER, HELLO)) await peer.write(Uint8Array.of(octet));
    const transport = await introduced;
    assert.equal(transport.remoteAddress, CLIENT);
    assert.deepEqual(await transport.read(), HELLO.subarray(0, 1));
  }));

Deno.test("introduceTransport() shows the peer where the proxy speaks for itself", () =>
  begin(true, async ({ peer, introduced }) => {
    await peer.write(binaryHeader({ command: 0x20 }));
    const transport = await introduced;
    assert.equal(transport.remoteAddress, PROXY);
    assert.equal(transport.secure, false);
  }));

Deno.test("introduceTransport() takes a client without a header where none is required", () =>
  begin(false, async ({ peer, introduced }) => {
    await peer.write(HELLO);
    const transport = await introduced;
    assert.equal(transport.remoteAddress, PROXY);
    assert.deepEqual(await transport.read(), HELLO);
  }));

Deno.test("introduceTransport() lets a silent client wait for the greeting where no header is required", () =>
  begin(false, async ({ time, peer, introduced }) => {
    await time.pass(SILENCE_MS);
    const transport = await introduced;
    const reading = transport.read();
    await peer.write(HELLO);
    assert.deepEqual(await reading, HELLO);
    await peer.write(HELLO);
    assert.deepEqual(await transport.read(), HELLO);
  }));

Deno.test("S21: a peer that has to send a header, and is silent, is dropped", () =>
  begin(true, async ({ time, peer, introduced }) => {
    await time.pass(HEADER_TIMEOUT_MS);
    await assert.rejects(introduced, ProxyProtocolError);
    assert.equal(peer.ended, true);
  }));

for (const required of [true, false]) {
  const when = required ? "required" : "optional";
  Deno.test(`S21: a header that comes too slowly is dropped, also where it is ${when}`, () =>
    begin(required, async ({ time, peer, introduced }) => {
      await peer.write(HEADER.subarray(0, 5));
      await time.pass(HEADER_TIMEOUT_MS - 1);
      await peer.write(HEADER.subarray(5, 10));
      await time.pass(1);
      await assert.rejects(introduced, ProxyProtocolError);
      assert.equal(peer.ended, true);
    }));

  Deno.test(`S21: a connection that ends inside the header is dropped, also where it is ${when}`, () =>
    begin(required, async ({ peer, introduced }) => {
      await peer.write(HEADER.subarray(0, 5));
      peer.close();
      await assert.rejects(introduced, ProxyProtocolError);
    }));

  Deno.test(`S21: a connection that breaks inside the header is dropped, also where it is ${when}`, () =>
    begin(required, async ({ peer, introduced }) => {
      await peer.write(HEADER.subarray(0, 5));
      peer.reset();
      await assert.rejects(introduced, ProxyProtocolError);
    }));
}

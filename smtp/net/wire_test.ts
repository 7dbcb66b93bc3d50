import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Clock } from "../clock.ts";
import { SmtpError } from "../protocol/failure.ts";
import { assertRejectsReply, octets, text } from "../testing/assertions.ts";
import { manualClock, settle } from "../testing/manual_clock.ts";
import { linkedTransports, type MemoryTransport } from "../testing/memory_transport.ts";
import { check, cut, pieceLengths } from "../testing/property.ts";
import { WireReader } from "./wire.ts";

const LIMIT_OCTETS = 20;

function createFixture(clock?: Clock): { peer: MemoryTransport; reader: WireReader } {
  const [peer, ours] = linkedTransports();
  return { peer, reader: new WireReader(ours, clock) };
}

async function readLine(reader: WireReader): Promise<string | null> {
  const line = await reader.readLine(LIMIT_OCTETS);
  return line === null ? null : text(line);
}

Deno.test("WireReader splits the stream into lines", async () => {
  const { peer, reader } = createFixture();
  peer.write(octets("one\r\n\r\nthr"));
  peer.write(octets("ee\r"));
  peer.write(octets("\nfour\r\n"));
  for (const line of ["one", "", "three", "four"]) assert.equal(await readLine(reader), line);
  peer.halfClose();
  assert.equal(await readLine(reader), null);
});

Deno.test("WireReader.takeLine() returns a line that has arrived, and does not wait", async () => {
  const { peer, reader } = createFixture();
  assert.equal(reader.takeLine(LIMIT_OCTETS), undefined);
  peer.write(octets("one\r\ntwo\r\nth"));
  await reader.fill();
  assert(reader.hasLine);
  assert.equal(text(reader.takeLine(LIMIT_OCTETS)!), "one");
  assert.equal(text(reader.takeLine(LIMIT_OCTETS)!), "two");
  assert(!reader.hasLine);
  assert.equal(reader.takeLine(LIMIT_OCTETS), undefined);
  assert.equal(text(reader.unread), "th");
});

Deno.test("WireReader.takeLine() accepts a line that ends with LF alone", async () => {
  const { peer, reader } = createFixture();
  peer.write(octets("one\n\ntwo\r\nth\rree\n"));
  await reader.fill();
  for (const line of ["one", "", "two", "th\rree"]) {
    assert.equal(text(reader.takeLine(LIMIT_OCTETS)!), line);
  }
});

Deno.test("U8: WireReader.readLine() rejects a line that ends with LF alone, and goes on with the next", async () => {
  const { peer, reader } = createFixture();
  peer.write(octets("one\n\ntwo\r\n"));
  await assertRejectsReply(readLine(reader), "500 5.5.2");
  await assertRejectsReply(readLine(reader), "500 5.5.2");
  assert.equal(await readLine(reader), "two");
});

Deno.test("S13: WireReader accepts a line at the limit, including CRLF, and not one octet more", async () => {
  const { peer, reader } = createFixture();
  peer.write(octets(`${"x".repeat(18)}\r\n${"x".repeat(19)}\r\nnext\r\n`));
  assert.equal(await readLine(reader), "x".repeat(18));
  const error = await assertRejectsReply(readLine(reader), "500 5.5.2");
  assert(!error.closes);
  assert.equal(await readLine(reader), "next");
});

Deno.test("S13: WireReader skips an overlong line in pieces and keeps none of it", async () => {
  const { peer, reader } = createFixture();
  for (let i = 0; i < 10; i++) peer.write(octets("x".repeat(LIMIT_OCTETS + 1)));
  peer.write(octets("\r\nnext\r\n"));
  const line = readLine(reader);
  await assertRejectsReply(line, "500 5.5.2");
  assert.equal(await readLine(reader), "next");
});

Deno.test("S13: WireReader gives up on a line that never ends", async () => {
  const { peer, reader } = createFixture();
  for (let i = 0; i < 17; i++) peer.write(octets("x".repeat(LIMIT_OCTETS)));
  const error = await assertRejectsReply(readLine(reader), "500 5.5.2");
  assert(error.closes);
  assert.equal(reader.unread.length, 0);
});

Deno.test("WireReader keeps unread octets although the next read overwrites the buffer", async () => {
  const { peer, reader } = createFixture();
  peer.write(octets("abcdef"));
  await reader.fill();
  reader.consume(3);
  peer.write(octets("ghi"));
  await reader.fill();
  assert.equal(text(reader.unread), "defghi");
});

Deno.test("WireReader reads once for two callers", async () => {
  const { peer, reader } = createFixture();
  const waiting = Promise.all([reader.fill(), reader.fill()]);
  peer.write(octets("one"));
  assert.deepEqual(await waiting, [true, true]);
  assert.equal(text(reader.unread), "one");
  assert.deepEqual(peer.misuses, []);
});

Deno.test("S5: WireReader.discard() forgets unread octets, even those of an overlong line", async () => {
  const { peer, reader } = createFixture();
  peer.write(octets("x".repeat(LIMIT_OCTETS + 1)));
  await reader.fill();
  assert.equal(reader.takeLine(LIMIT_OCTETS), undefined);
  peer.write(octets("QUIT\r\nhalf"));
  await reader.fill();
  reader.discard();
  assert.equal(reader.unread.length, 0);
  peer.write(octets("NOOP\r\n"));
  assert.equal(await readLine(reader), "NOOP");
});

Deno.test("WireReader.startsWithVerb() compares only the verb, in any case", async () => {
  const cases: readonly [string, boolean][] = [
    ["RCPT TO:<a@b>\r\n", true],
    ["rcpt x", true],
    ["RCPT", false],
    ["RCPTX ", false],
    ["DATA\r\n", false],
    ["", false],
  ];
  for (const [sent, expected] of cases) {
    const { peer, reader } = createFixture();
    peer.write(octets(sent));
    peer.halfClose();
    await reader.fill();
    assert.equal(reader.startsWithVerb("RCPT"), expected, sent);
  }
});

Deno.test("WireReader measures how long the peer keeps it waiting, and counts its octets", async () => {
  const clock = manualClock();
  const startMs = clock.now();
  const { peer, reader } = createFixture(clock);
  assert.equal(reader.waitingSinceMs, undefined);
  const filled = reader.fill();
  assert.equal(reader.waitingSinceMs, startMs);
  await clock.advance(3_000);
  peer.write(octets("hello"));
  await filled;
  assert.equal(reader.waitingSinceMs, undefined);
  assert.equal(reader.waitedMs, 3_000);
  assert.equal(reader.octetCount, 5);
});

Deno.test("WireReader rejects when the connection breaks", async () => {
  const { peer, reader } = createFixture();
  const filled = reader.fill();
  peer.reset();
  await assert.rejects(filled, /reset/);
  await settle();
  assert.equal(reader.waitingSinceMs, undefined);
});

Deno.test("WireReader returns the same lines for a stream in any pieces", () =>
  check(
    fc.tuple(
      fc.array(fc.constantFrom("", "NOOP", "x".repeat(18), "a\rb", "a\0"), { maxLength: 8 }),
      pieceLengths,
    ),
    async ([lines, lengths]) => {
      const { peer, reader } = createFixture();
      const stream = octets(lines.map((line) => `${line}\r\n`).join(""));
      for (const packet of cut(stream, lengths)) peer.write(packet);
      peer.halfClose();
      for (const line of lines) assert.equal(await readLine(reader), line);
      assert.equal(await readLine(reader), null);
    },
  ));

Deno.test("WireReader throws nothing but an SmtpError for any input", () =>
  check(fc.tuple(fc.uint8Array({ maxLength: 60 }), pieceLengths), async ([stream, lengths]) => {
    const { peer, reader } = createFixture();
    for (const packet of cut(stream, lengths)) peer.write(packet);
    peer.halfClose();
    for (let more = true; more;) {
      try {
        more = await readLine(reader) !== null;
      } catch (error) {
        assert(error instanceof SmtpError);
      }
    }
  }));

import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { BodyForm, MessageBody } from "../backend.ts";
import { ChunkedBody, ClientGoneError, DataBody } from "./body.ts";
import { concat } from "../protocol/octets.ts";
import { assertRejectsReply, octets, text } from "../testing/assertions.ts";
import { settle } from "../testing/manual_clock.ts";
import { linkedTransports } from "../testing/memory_transport.ts";
import { check, cut, messageOctets, pieceLengths } from "../testing/property.ts";
import { referenceScan, stuff } from "../testing/reference.ts";
import { WireReader } from "../net/wire.ts";

const NO_LIMIT = Number.MAX_SAFE_INTEGER;

const NO_READER = { octetCount: 0 };

/** A reader whose peer has sent these packets, and then ended its stream. */
function readerOf(packets: readonly Uint8Array[]): WireReader {
  const [peer, ours] = linkedTransports();
  for (const packet of packets) peer.write(packet);
  peer.halfClose();
  return new WireReader(ours);
}

/** Reads a body to its end, as the upstream side does. */
async function readAll(body: MessageBody, form: BodyForm): Promise<string> {
  for (let content = "";;) {
    const chunk = await body.next(form);
    content += text(chunk.octets);
    if (chunk.last) return content;
  }
}

/** Patterns that must never end a message (S1), with their replies; without one, it is a line with a dot alone. */
const SMUGGLING_PATTERNS: readonly [pattern: string, reply?: string][] = [
  ["\n.\n"],
  ["\n.\r", "550 5.5.2"],
  ["\r.\n", "550 5.5.2"],
  ["\r.\r", "550 5.5.2"],
  ["\n.\r\n"],
  ["\r.\r\n", "550 5.5.2"],
  ["\r\n.\n"],
  ["\r\n.\r", "550 5.5.2"],
  ["\r\n.\r\r\n", "550 5.5.2"],
  ["\r\r\n.\r\r\n", "550 5.5.2"],
  ["\r\n\0.\r\n", "554 5.6.0"],
  ["\r\n.\0\r\n", "554 5.6.0"],
];

/** Reads a body in both forms that differ only in their dots: refused, or with a line that has a dot alone. */
async function assertFate(
  read: (form: BodyForm) => Promise<string>,
  reply: string | undefined,
  behind: string,
): Promise<void> {
  if (reply !== undefined) {
    await assertRejectsReply(read("plain"), reply);
    await assertRejectsReply(read("stuffed"), reply);
    return;
  }
  assert.equal(await read("plain"), `Hello\r\n.\r\n${behind}\r\n`);
  assert.equal(await read("stuffed"), `Hello\r\n..\r\n${behind}\r\n`);
}

/** Octets in two pieces, at every boundary, and octet by octet. */
function allCuts(data: Uint8Array): Uint8Array[][] {
  const inTwo = Array.from(data, (_, index) => cut(data, [index]));
  return [...inTwo, cut(data, Array(data.length).fill(1))];
}

for (const [pattern, reply] of SMUGGLING_PATTERNS) {
  const name = JSON.stringify(pattern);

  Deno.test(`S1: DataBody never ends at ${name} inside or at the end, wherever it is cut`, async () => {
    for (const behind of ["MAIL FROM:<evil@example.com>", ""]) {
      const data = octets(`Hello${pattern}${behind}\r\n.\r\nNOOP\r\n`);
      for (const packets of allCuts(data)) {
        const read = async (form: BodyForm) => {
          const reader = readerOf(packets);
          const body = new DataBody(reader, NO_LIMIT);
          try {
            return await readAll(body, form);
          } finally {
            await body.drain();
            assert.equal(await rest(reader), "NOOP\r\n");
          }
        };
        await assertFate(read, reply, behind);
      }
    }
  });

  Deno.test(`S1: after an oversize message, ${name} does not end the data`, async () => {
    for (const packets of allCuts(octets(`Too large${pattern}Evil\r\n.\r\nNOOP\r\n`))) {
      const reader = readerOf(packets);
      const body = new DataBody(reader, 3);
      await assert.rejects(readAll(body, "plain"));
      await body.drain();
      assert.equal(await rest(reader), "NOOP\r\n");
    }
  });

  Deno.test(`S4: ChunkedBody treats ${name} as DataBody does, wherever it is cut`, async () => {
    for (const pieces of allCuts(octets(`Hello${pattern}World\r\n`))) {
      const read = async (form: BodyForm) => {
        const body = new ChunkedBody(NO_READER, NO_LIMIT);
        pushAll(body, pieces);
        try {
          return await readAll(body, form);
        } finally {
          body.close();
        }
      };
      await assertFate(read, reply, "World");
    }
  });
}

async function rest(reader: WireReader): Promise<string> {
  while (await reader.fill());
  return text(reader.unread);
}

async function pushAll(body: ChunkedBody, pieces: readonly Uint8Array[]): Promise<void> {
  for (const [index, piece] of pieces.entries()) {
    await body.push(piece, index === pieces.length - 1);
  }
}

/** Messages of whole lines, many of which begin with dots. */
const messages: fc.Arbitrary<string> = fc.array(
  fc.constantFrom("", ".", "..", "...a", "a.", "Hello", "\xff\xfe", ". "),
  { maxLength: 12 },
).map((lines) => lines.map((line) => `${line}\r\n`).join(""));

Deno.test("DataBody returns a stuffed message in both forms, from any pieces", () =>
  check(fc.tuple(messages, pieceLengths), async ([message, lengths]) => {
    const packets = cut(octets(`${stuff(message)}.\r\n`), lengths);
    const plain = new DataBody(readerOf(packets), NO_LIMIT);
    assert.equal(await readAll(plain, "plain"), message);
    assert.equal(plain.octetCount, message.length);
    const stuffed = new DataBody(readerOf(packets), NO_LIMIT);
    assert.equal(await readAll(stuffed, "stuffed"), stuff(message));
    assert.equal(stuffed.octetCount, message.length);
  }));

Deno.test("ChunkedBody returns a message in both forms, from any pieces", () =>
  check(fc.tuple(messages, pieceLengths), async ([message, lengths]) => {
    for (const original of [message, message.slice(0, -2), `${message}no line end`]) {
      const pieces = cut(octets(original), lengths);
      assert.equal(await readChunked(pieces, "plain"), original);
      const sent = await readChunked(pieces, "stuffed");
      const received = referenceScan(`${sent}.\r\n`);
      assert.equal(received.end, sent.length + 3);
      const isWhole = original === "" || original.endsWith("\r\n");
      assert.equal(received.content, isWhole ? original : `${original}\r\n`);
    }
  }));

async function readChunked(pieces: readonly Uint8Array[], form: BodyForm): Promise<string> {
  const body = new ChunkedBody(NO_READER, NO_LIMIT);
  const pushed = pushAll(body, pieces);
  const content = await readAll(body, form);
  body.close();
  await pushed;
  return content;
}

Deno.test("DataBody returns the same as the reference for any octets in any pieces", () =>
  check(fc.tuple(messageOctets, pieceLengths), async ([message, lengths]) => {
    const data = concat(message, octets("\r\n.\r\n"));
    const { content, end, fault } = referenceScan(text(data));
    const packets = cut(data.subarray(0, end), lengths);
    for (const form of ["plain", "stuffed"] as const) {
      const body = new DataBody(readerOf(packets), NO_LIMIT);
      const read = readAll(body, form);
      if (fault !== undefined) await assertRejectsReply(read, String(fault));
      else {
        const sent = await read;
        assert.equal(form === "plain" ? sent : referenceScan(`${sent}.\r\n`).content, content);
        assert.equal(body.octetCount, content.length);
      }
    }
  }));

Deno.test("DataBody counts a bare LF as CR LF towards the limit", async () => {
  const data = [octets("12\n\r\n.\r\n")];
  assert.equal(await readAll(new DataBody(readerOf(data), 6), "plain"), "12\r\n\r\n");
  await assertRejectsReply(readAll(new DataBody(readerOf(data), 5), "plain"), "552 5.3.4");
});

Deno.test("DataBody unstuffs lines after a bare LF", async () => {
  const body = new DataBody(readerOf([octets("a\n..\n..b\n\r\n.\r\n")]), NO_LIMIT);
  assert.equal(await readAll(body, "plain"), "a\r\n.\r\n.b\r\n\r\n");
});

Deno.test("DataBody leaves the octets after the end of the data unread", async () => {
  const reader = readerOf([octets("a\r\n.\r\nNOOP\r\n")]);
  assert.equal(await readAll(new DataBody(reader, NO_LIMIT), "plain"), "a\r\n");
  assert.equal(text(reader.unread), "NOOP\r\n");
});

Deno.test("S16: DataBody accepts a message at the limit, and refuses one octet more", async () => {
  const data = [octets("123\r\n.\r\n")];
  assert.equal(await readAll(new DataBody(readerOf(data), 5), "plain"), "123\r\n");
  await assertRejectsReply(readAll(new DataBody(readerOf(data), 4), "plain"), "552 5.3.4");
});

Deno.test("U6: DataBody rejects when the client disconnects, even after a dot", async () => {
  for (const data of ["", "Hello\r\n", "Hello\r\n.", "Hello\r\n.\r", "Hello\r"]) {
    const body = new DataBody(readerOf([octets(data)]), NO_LIMIT);
    await assert.rejects(readAll(body, "plain"), ClientGoneError);
  }
});

Deno.test("U3 S16: DataBody.drain() gives up on an endless message", async () => {
  const block = octets("x".repeat(1_048_576));
  const [transport] = linkedTransports();
  transport.read = () => Promise.resolve(block);
  const body = new DataBody(new WireReader(transport), 10);
  const error = await assertRejectsReply(body.drain(), "552 5.3.4");
  assert(error.closes);
});

Deno.test("DataBody.drain() rejects when the client disconnects", async () => {
  const body = new DataBody(readerOf([octets("Hello\r\n")]), NO_LIMIT);
  await assert.rejects(body.drain(), ClientGoneError);
});

Deno.test("ChunkedBody.push() resolves only when the piece has been used", async () => {
  const body = new ChunkedBody(NO_READER, NO_LIMIT);
  let used = false;
  body.push(octets("Hello"), false).then(() => used = true);
  const first = await body.next("plain");
  await settle();
  assert(!used, "the piece is in use, and its octets may not change");
  assert.equal(text(first.octets), "Hello");
  const second = body.next("plain");
  await settle();
  assert(used);
  body.push(octets("World"), true);
  assert.deepEqual(await second, { octets: octets("World"), last: true });
  body.close();
});

Deno.test("ChunkedBody.push() resolves at once after the end of the message", async () => {
  const body = new ChunkedBody(NO_READER, NO_LIMIT);
  const pending = body.push(octets("Hello"), false);
  body.close();
  await pending;
  await body.push(octets("World"), true);
  assert.equal(body.octetCount, 10);
});

Deno.test("ChunkedBody.fail() ends the message for its receiver", async () => {
  const body = new ChunkedBody(NO_READER, NO_LIMIT);
  const next = body.next("plain");
  body.fail(new ClientGoneError("gone"));
  await assert.rejects(next, ClientGoneError);
  await assert.rejects(body.next("plain"), ClientGoneError);
});

Deno.test("S16: ChunkedBody counts all pieces together", async () => {
  const body = new ChunkedBody(NO_READER, 9);
  pushAll(body, [octets("Hello"), octets("World")]);
  await assertRejectsReply(readAll(body, "plain"), "552 5.3.4");
  body.close();
});

Deno.test("S4: ChunkedBody refuses a message that ends with a bare CR", async () => {
  const body = new ChunkedBody(NO_READER, NO_LIMIT);
  pushAll(body, [concat(octets("Hello\r"))]);
  await assertRejectsReply(readAll(body, "plain"), "550 5.5.2");
  body.close();
});

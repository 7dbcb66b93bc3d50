import assert from "node:assert/strict";
import * as fc from "fast-check";
import { LineScanner } from "./line_scanner.ts";
import { concat } from "./octets.ts";
import { octets, text } from "../testing/assertions.ts";
import { check, cut, messageOctets, pieceLengths } from "../testing/property.ts";
import { referenceScan } from "../testing/reference.ts";

interface Scan {
  /** Octets that were scanned. */
  readonly done: number;
  readonly content: string;
  readonly scanner: LineScanner;
}

/** Scans pieces as a reader does: what was not decided comes again, with the next piece behind it. */
function scan(pieces: readonly Uint8Array[], endsAtDot = true): Scan {
  const scanner = new LineScanner(endsAtDot);
  let rest = new Uint8Array(0);
  let done = 0;
  let content = "";
  for (const piece of pieces) {
    if (scanner.ended) break;
    const unread = concat(rest, piece);
    const count = scanner.scan(unread);
    const isDot = new Set(scanner.dots);
    const isBareLineFeed = new Set(scanner.bareLineFeeds);
    for (let i = 0; i < scanner.contentEnd; i++) {
      if (isBareLineFeed.has(i)) content += "\r";
      if (!isDot.has(i)) content += text(unread.subarray(i, i + 1));
    }
    done += count;
    rest = unread.slice(count);
  }
  return { done, content, scanner };
}

Deno.test("LineScanner finds the end of the data", () => {
  for (const message of [".\r\n", "a\r\n.\r\n", "\r\n.\r\n", "..\r\n.\r\n", "a\r\n\r\n.\r\n"]) {
    const { scanner, done } = scan([octets(message + "NOOP\r\n")]);
    assert(scanner.ended, message);
    assert.equal(done, message.length);
    assert.equal(scanner.fault, undefined);
  }
});

Deno.test("LineScanner does not mistake a dot inside a line, or before text, for the end", () => {
  for (const message of ["a.\r\n", ".a\r\n", "..\r\n", ". \r\n", ".\t\r\n", "a\r\n.a\r\n"]) {
    assert(!scan([octets(message)]).scanner.ended, message);
  }
});

Deno.test("LineScanner waits for the octets that decide what a dot means", () => {
  const scanner = new LineScanner(true);
  assert.equal(scanner.scan(octets("a\r\n.")), 3);
  assert.equal(scanner.scan(octets(".\r")), 0);
  assert.equal(scanner.scan(octets(".\r\n")), 3);
  assert(scanner.ended);
});

Deno.test("LineScanner for chunks ignores the end of the data, and leaves nothing undecided", () => {
  const scanner = new LineScanner(false);
  assert.equal(scanner.scan(octets(".\r\n.")), 4);
  assert.deepEqual(scanner.dots, [0, 3]);
  assert(!scanner.ended);
});

Deno.test("LineScanner tells whether the message can end here", () => {
  const scanner = new LineScanner(false);
  scanner.scan(octets("a\r"));
  assert(!scanner.complete);
  scanner.scan(octets("\n"));
  assert(scanner.complete);
  assert(scanner.atLineStart);
});

Deno.test("LineScanner reports only the first fault", () => {
  assert.equal(scan([octets("a\rb\0")]).scanner.fault?.code, 550);
  assert.equal(scan([octets("a\0b\rc")]).scanner.fault?.code, 554);
});

Deno.test("LineScanner accepts a bare LF as a line end, but never as part of the end of the data", () => {
  for (const data of ["a\n.\n", "a\n.\r\n", "a\r\n.\n"]) {
    const { scanner, content } = scan([octets(data)]);
    assert(!scanner.ended, data);
    assert.equal(scanner.fault, undefined);
    assert.equal(content, "a\r\n.\r\n");
  }
});

Deno.test("LineScanner finds the same as the reference, for octets in any pieces", () =>
  check(fc.tuple(messageOctets, pieceLengths), ([message, lengths]) => {
    const data = concat(message, octets("\r\n.\r\nNOOP\r\n"));
    const expected = referenceScan(text(data));
    for (const pieces of [[data], cut(data, lengths), cut(data, Array(data.length).fill(1))]) {
      const { scanner, done, content } = scan(pieces);
      assert.equal(done, expected.end);
      assert.equal(content, expected.content);
      assert.equal(scanner.fault?.code, expected.fault);
    }
  }));

Deno.test("LineScanner for chunks finds the same faults and dots, for octets in any pieces", () =>
  check(fc.tuple(messageOctets, pieceLengths), ([message, lengths]) => {
    const whole = scan([message], false);
    const pieces = scan(cut(message, lengths), false);
    assert.equal(pieces.done, message.length);
    assert.equal(pieces.content, whole.content);
    assert.equal(pieces.scanner.fault, whole.scanner.fault);
    assert.equal(pieces.scanner.complete, whole.scanner.complete);
    assert.equal(pieces.scanner.atLineStart, whole.scanner.atLineStart);
  }));

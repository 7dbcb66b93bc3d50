import assert from "node:assert/strict";
import { concat } from "../protocol/mod.ts";
import { octets, text } from "../testing/assertions.ts";
import {
  HEADER_LIMIT_OCTETS,
  HeaderRewriter,
  HeaderTooLargeError,
  SenderRefusedError,
} from "./mod.ts";
import { MAILBOX, rulesOf } from "./testing/corpus.ts";

const COMPLETE = `From: ${MAILBOX}\r\nDate: now\r\nMessage-ID: <1@x>\r\n`;

/** Sends a message in pieces of one length. */
function send(rule: string, message: string, pieceOctets = message.length): string {
  const rewriter = new HeaderRewriter(rulesOf(rule));
  let output = "";
  for (let at = 0; at < message.length; at += pieceOctets) {
    const piece = octets(message.slice(at, at + pieceOctets));
    output += text(concat(...rewriter.push(piece, at + pieceOctets >= message.length)));
  }
  return output;
}

/** A header with its empty line, of so many octets, that needs no change. */
function headerOf(octetCount: number): string {
  const rest = octetCount - COMPLETE.length - "X: \r\n\r\n".length;
  return `${COMPLETE}X: ${"x".repeat(rest)}\r\n\r\n`;
}

Deno.test("HeaderRewriter passes on the pieces of the body without a copy", () => {
  const rewriter = new HeaderRewriter(rulesOf("always"));
  assert.deepEqual(rewriter.push(octets(`${COMPLETE}\r`), false), []);
  const [joined] = rewriter.push(octets("\nfirst"), false);
  assert.equal(text(joined!), `${COMPLETE}\r\nfirst`);
  const piece = octets("From: second\r\n\r\n");
  for (const last of [false, true]) {
    const [part, ...others] = rewriter.push(piece, last);
    assert.equal(part, piece);
    assert.deepEqual(others, []);
  }
});

Deno.test("HeaderRewriter passes on a piece with a header that needs no change without a copy", () => {
  const piece = octets(`${COMPLETE}\r\nbody`);
  const rewriter = new HeaderRewriter(rulesOf("always"));
  assert.equal(rewriter.push(piece, true)[0], piece);
  assert.deepEqual(rewriter.report?.changes, []);
});

Deno.test("HeaderRewriter does not copy a large piece of the body for the header in front of it", () => {
  const header = "Subject: a\r\n\r\n";
  const piece = octets(header + "x".repeat(20_000));
  for (const cut of [0, 3, header.length - 1]) {
    const rewriter = new HeaderRewriter(rulesOf("always"));
    rewriter.push(piece.subarray(0, cut), false);
    const [first, second, ...others] = rewriter.push(piece.subarray(cut), false);
    assert.match(text(first!), /^Subject: a\r\nFrom: [^]*\r\n\r\n$/);
    assert.equal(second!.buffer, piece.buffer);
    assert.equal(second!.byteOffset, header.length);
    assert.equal(second!.length, 20_000);
    assert.deepEqual(others, []);
  }
});

Deno.test("HeaderRewriter gives out the last piece in one part", () => {
  const rewriter = new HeaderRewriter(rulesOf("always"));
  const parts = rewriter.push(octets(`Subject: a\r\n\r\n${"x".repeat(20_000)}`), true);
  assert.equal(parts.length, 1);
  assert(text(parts[0]!).endsWith(`\r\n\r\n${"x".repeat(20_000)}`));
});

Deno.test("HeaderRewriter keeps what it holds when the memory of a piece is used again", () => {
  const rewriter = new HeaderRewriter(rulesOf("always"));
  const buffer = octets("Subject: a\r\n");
  rewriter.push(buffer, false);
  buffer.fill(0);
  assert.match(text(rewriter.push(octets(`${COMPLETE}\r\n`), true)[0]!), /^Subject: a\r\nFrom: /);
});

Deno.test("HeaderRewriter reports when the header is complete", () => {
  const rewriter = new HeaderRewriter(rulesOf("always"));
  rewriter.push(octets("From: Anna <anna@example.com>\r\n"), false);
  assert.equal(rewriter.report, undefined);
  rewriter.push(octets("\r\n"), false);
  assert.deepEqual(rewriter.report, {
    authors: ["anna@example.com"],
    senders: [],
    originalFrom: "Anna <anna@example.com>",
    changes: [
      { field: "From", action: "rewritten", count: 1 },
      { field: "Reply-To", action: "added", count: 1 },
      { field: "Date", action: "added", count: 1 },
      { field: "Message-ID", action: "added", count: 1 },
    ],
    repairs: [],
  });
});

Deno.test("HeaderRewriter knows an empty line with too many CRs at once", () => {
  const rewriter = new HeaderRewriter(rulesOf("always"));
  assert.deepEqual(rewriter.push(octets("Subject: a\r\n\r\r"), false), []);
  rewriter.push(octets("\r\nbody"), false);
  assert.deepEqual(rewriter.report?.repairs, ["line end"]);
});

Deno.test("HeaderRewriter counts the fields that it removes", () => {
  const rewriter = new HeaderRewriter(rulesOf("always"));
  rewriter.push(octets(`${COMPLETE}Sender: a@b\r\nSender: c@d\r\n\r\n`), true);
  assert.deepEqual(rewriter.report?.changes, [{ field: "Sender", action: "removed", count: 2 }]);
  assert.deepEqual(rewriter.report?.senders, ["a@b", "c@d"]);
});

Deno.test("HeaderRewriter tells From in 256 octets and one line, without control characters", () => {
  const rewriter = new HeaderRewriter(rulesOf("always"));
  const name = `\x1b[31m\r\n \xe2\x80\xae${"\xc3\xa9".repeat(200)}`;
  rewriter.push(octets(`From: ${name} <a@b>\r\n\r\n`), true);
  const original = rewriter.report!.originalFrom!;
  assert(original.startsWith("?[31m ?\u00e9\u00e9"), original);
  assert.equal(new TextEncoder().encode(original).length, 255);
});

for (const pieceOctets of [1, 1_000, 1_000_000]) {
  Deno.test(`HeaderRewriter takes a header of 64 KiB and no more, in pieces of ${pieceOctets}`, () => {
    const message = `${headerOf(HEADER_LIMIT_OCTETS)}body`;
    assert.equal(send("always", message, pieceOctets), message);
    assert.throws(
      () => send("always", `${headerOf(HEADER_LIMIT_OCTETS + 1)}body`, pieceOctets),
      (error) => {
        assert(error instanceof HeaderTooLargeError);
        assert.equal(error.limitOctets, HEADER_LIMIT_OCTETS);
        return true;
      },
    );
  });

  Deno.test(`HeaderRewriter takes long text without header, in pieces of ${pieceOctets}`, () => {
    const body = `no field\r\n${"x: y\r\n".repeat(20_000)}`;
    for (const start of ["", COMPLETE]) {
      const output = send("always", start + body, pieceOctets);
      assert(output.startsWith("From: "));
      assert.equal(output.slice(output.indexOf("\r\n\r\n") + 4), body);
    }
  });
}

Deno.test("HeaderRewriter does not take the piece of a line at the limit for text", () => {
  const header = `${"x: y\r\n".repeat(10_000)}${"Z".repeat(HEADER_LIMIT_OCTETS)}`;
  assert.throws(() => send("always", header, 4_096), HeaderTooLargeError);
});

for (const pieceOctets of [1, 1_000, 1_000_000]) {
  Deno.test(`HeaderRewriter with any sender passes on what lacks nothing or is too long, octet for octet, in pieces of ${pieceOctets}`, () => {
    const messages = [
      `${COMPLETE}\r\nbody`,
      `${COMPLETE}no field\r\nbody`,
      `\xef\xbb\xbf${COMPLETE}Subject : a\r\n b\r\n\r\nbody`,
      `From: Somebody\r\nfrom: a@b, c@d\r\nSender:\r\nDATE: x\r\nmessage-id: y\r\n\r\nbody`,
      `${headerOf(HEADER_LIMIT_OCTETS + 1)}body`,
      `Subject: a\r\n${"x: y\r\n".repeat(20_000)}`,
      `Subject: ${"x".repeat(100_000)}`,
    ];
    for (const message of messages) {
      const output = send("any", message, pieceOctets);
      assert(output === message, message.slice(0, 60));
    }
  });
}

Deno.test("HeaderRewriter with any sender adds what is missing and leaves the other fields and the body", () => {
  assert.equal(
    send("any", "Subject: a\r\n\tb\r\nX-Y:  z \r\n\r\n.body\r\n"),
    "Subject: a\r\n\tb\r\nX-Y:  z \r\nFrom: scans@contoso.example\r\n" +
      "Date: Thu, 02 Jan 2025 03:04:05 +0000\r\nMessage-ID: <new@contoso.example>\r\n\r\n.body\r\n",
  );
  assert.match(send("any", "no header at all"), /^From: [^]*\r\n\r\nno header at all$/);
  assert.match(send("any", "\r\nbody"), /^From: [^]*>\r\n\r\nbody$/);
});

Deno.test("HeaderRewriter with any sender leaves a message alone where the mailbox has no address", () => {
  const rewriter = new HeaderRewriter({ ...rulesOf("any"), mailbox: "scans" });
  assert.equal(text(rewriter.push(octets("Subject: a\r\n\r\n"), true)[0]!), "Subject: a\r\n\r\n");
});

Deno.test("HeaderRewriter gives out nothing of a message that names a forbidden sender", () => {
  const rewriter = new HeaderRewriter(rulesOf("only anna@example.com"));
  rewriter.push(octets("From: anna@example.com, Boss <boss@example.com>\r\n"), false);
  assert.throws(() => rewriter.push(octets("\r\nbody"), false), (error) => {
    assert(error instanceof SenderRefusedError);
    assert.deepEqual([error.field, error.reason], ["From", "forbidden"]);
    assert.deepEqual(error.addresses, ["boss@example.com"]);
    assert.equal(error.value, "anna@example.com, Boss <boss@example.com>");
    return true;
  });
  assert.equal(rewriter.report, undefined);
});

Deno.test("HeaderRewriter formats the date that it adds as RFC 5322 does", () => {
  const rules = { ...rulesOf("any"), now: () => Date.UTC(2024, 1, 29, 23, 5, 9) };
  const [output] = new HeaderRewriter(rules).push(octets("Subject: a\r\n\r\n"), true);
  assert.match(text(output!), /\r\nDate: Thu, 29 Feb 2024 23:05:09 \+0000\r\n/);
});

Deno.test("HeaderRewriter refuses a mailbox that is not one address", () => {
  const bad = ["", "scans", "a@b, c@d", "A <a@b>", "a@b\r\nBcc: c@d", "a@b (c)", " a@b", "g: a@b;"];
  for (const mailbox of bad) {
    assert.throws(() => new HeaderRewriter({ ...rulesOf(), mailbox }), TypeError, mailbox);
  }
});

Deno.test("HeaderRewriter takes headers that are made to cost time", () => {
  const hostile = ["(", ",", '"', "<a@b>", "=?a?q?", "\r", " "];
  for (const part of hostile) {
    const value = part.repeat(HEADER_LIMIT_OCTETS / part.length - 20);
    const output = send("always", `From: ${value}x\r\n\r\n`);
    assert.match(output, /^From: [^]*scans@contoso\.example>?\r\n/);
  }
});

Deno.test("HeaderRewriter may be given empty pieces", () => {
  const rewriter = new HeaderRewriter(rulesOf("always"));
  const empty = new Uint8Array(0);
  const input = [empty, octets(COMPLETE), empty, octets("\r\n"), empty, octets("body"), empty];
  const output = input.flatMap((piece, index) => rewriter.push(piece, index === input.length - 1));
  assert.equal(text(concat(...output)), `${COMPLETE}\r\nbody`);
});

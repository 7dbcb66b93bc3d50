import assert from "node:assert/strict";
import { playTranscript } from "./transcript.ts";
import { describeOctets, parseTranscripts, rawOctets } from "./transcript_format.ts";
import { text } from "./assertions.ts";

/** Plays one transcript; what it fails with, or undefined. */
async function failureOf(content: string): Promise<string | undefined> {
  const [transcript] = parseTranscripts("test.smtp", `== title\n${content}`);
  try {
    await playTranscript(transcript!);
  } catch (error) {
    return (error as Error).message;
  }
}

Deno.test("playTranscript() accepts what happens", async () => {
  assert.equal(
    await failureOf("S: 220 proxy.example ESMTP\nC: QUIT\nS: 221 2.0.0 Bye\nS* close"),
    undefined,
  );
});

const FAILURES: Readonly<Record<string, [content: string, message: string]>> = {
  "a line that differs": [
    "S: 220 other.example ESMTP",
    "test.smtp:2: title\nexpected: 220 other.example ESMTP\ngot:      220 proxy.example ESMTP",
  ],
  "a line that does not come": [
    "S: 220 proxy.example ESMTP\nS: 250 OK",
    "test.smtp:3: title\nexpected: 250 OK\ngot:      nothing",
  ],
  "a line that the transcript does not have": [
    "C: NOOP",
    "test.smtp:2: title\nnot in the transcript, to the client: 220 proxy.example ESMTP\\r\\n",
  ],
  "a line at the end that the transcript does not have": [
    "S: 220 proxy.example ESMTP\nC: NOOP",
    "test.smtp:3: title\nnot in the transcript, to the client: 250 2.0.0 OK\\r\\n",
  ],
  "lines that come in two packets instead of one": [
    "S: 220 proxy.example ESMTP\nC: NOOP\nS+ 250 2.0.0 OK",
    "test.smtp:4: title\nnot in the packet of the line before: 250 2.0.0 OK",
  ],
  "a connection that we close": [
    "S: 220 proxy.example ESMTP\nC: QUIT\nS: 221 2.0.0 Bye",
    "test.smtp:4: title\nwe have closed the connection to the client",
  ],
  "a connection that we do not close": [
    "S: 220 proxy.example ESMTP\nS* close",
    "test.smtp:3: title\nexpected that we close the connection, and it is open",
  ],
  "a connection to the upstream that the transcript does not have": [
    "C* hello\nC: AUTH PLAIN {base64:\\0anna@example.com\\0secret}",
    "test.smtp:3: title\nwe want to connect to the upstream",
  ],
  "a connection to the upstream that we do not want": [
    "S: 220 proxy.example ESMTP\nU* connect",
    "test.smtp:3: title\nnobody wants to connect to the upstream",
  ],
  "something that we send the upstream and the transcript does not have": [
    "C* hello\nC: AUTH PLAIN {base64:\\0anna@example.com\\0secret}\nU* connect\nU< 220 x\nT: 1",
    "test.smtp:6: title\nnot in the transcript, to the upstream: EHLO proxy.example\\r\\n",
  ],
  "an event that does not happen": [
    "S: 220 proxy.example ESMTP\nE: delivery accepted",
    "test.smtp:3: title\nexpected the event: delivery accepted\ngot:\n  connected",
  ],
  "a direction that does not exist": [
    "S: 220 proxy.example ESMTP\nC* dance",
    "test.smtp:3: title\nthere is no C* dance",
  ],
};

for (const [what, [content, message]] of Object.entries(FAILURES)) {
  Deno.test(`playTranscript() rejects ${what}, with file and line`, async () => {
    assert.equal(await failureOf(content), message);
  });
}

Deno.test("playTranscript() rejects options, values and limits that do not exist", async () => {
  assert.match(await failureOf("prot: tls\nC: NOOP") ?? "", /there is no option prot/);
  assert.match(await failureOf("port: tsl\nC: NOOP") ?? "", /port can't be tsl/);
  assert.match(await failureOf("limits: x=1\nC: NOOP") ?? "", /there is no limit x/);
});

Deno.test("parseTranscripts() rejects what is no step, with file and line", () => {
  const cases: readonly [string, RegExp][] = [
    ["C: NOOP", /^SyntaxError: f:1: a transcript begins with == and a title: C: NOOP$/],
    ["== a\nX: NOOP", /^SyntaxError: f:2: not a step: X: NOOP$/],
    ["== a\nC~ NO\nC+ OP", /^SyntaxError: f:3: C\+ stands behind C: or C\+: C\+ OP$/],
    ["== a\n\nC:NOOP", /^SyntaxError: f:3: not a step: C:NOOP$/],
    [
      "== a\nC: NOOP\nport: tls",
      /^SyntaxError: f:3: options stand before the first step: port: tls$/,
    ],
  ];
  for (const [content, message] of cases) {
    assert.throws(() => parseTranscripts("f", content), (error) => message.test(String(error)));
  }
});

Deno.test("rawOctets() knows escapes, base64 and repetition", () => {
  assert.equal(text(rawOctets("a\\r\\n\\t\\0\\\\\\xFF")), "a\r\n\t\0\\\xff");
  assert.equal(text(rawOctets("ä")), "\xc3\xa4");
  assert.equal(text(rawOctets("{base64:\\0a\\0b}")), btoa("\0a\0b"));
  assert.equal(text(rawOctets("{repeat:3:x\\n}")), "x\nx\nx\n");
});

Deno.test("describeOctets() shows what rawOctets() reads", () => {
  const all = Uint8Array.from({ length: 256 }, (_, octet) => octet);
  assert.deepEqual(rawOctets(describeOctets(all)), all);
});

/**
 * Targets of the fuzzer: properties that hold for every input.
 *
 * @module
 */
import assert from "node:assert/strict";
import { DataBody } from "../session/body.ts";
import { formatMail, formatRcpt, parseCommand } from "../protocol/command.ts";
import { parseProxyHeader, ProxyProtocolError } from "../net/proxy_header.ts";
import { ReplyReader } from "../upstream/reply_reader.ts";
import type { Reply } from "../protocol/reply.ts";
import { SmtpError } from "../protocol/failure.ts";
import { checkCredentials, MECHANISMS, startSasl } from "../protocol/sasl.ts";
import { WireReader } from "../net/wire.ts";
import { fuzzHeader } from "../headers/testing/fuzz_header.ts";
import { text } from "./assertions.ts";
import { fuzzSession } from "./fuzz_session.ts";
import { linkedTransports } from "./memory_transport.ts";
import { pieces, type Random } from "./mutator.ts";
import { referenceScan } from "./reference.ts";

/** Tries an input; throws if a property does not hold. */
export type FuzzTarget = (input: Uint8Array, random: Random) => void | Promise<void>;

/** The targets, by the folder of their corpus. */
export const FUZZ_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  command: fuzzCommand,
  reply: fuzzReply,
  sasl: fuzzSasl,
  proxy: fuzzProxy,
  data: fuzzData,
  header: fuzzHeader,
  session: fuzzSession,
};

const LF = 10;
const EXTENSIONS = new Map(
  ["SIZE", "8BITMIME", "SMTPUTF8", "DSN"].map((keyword) => [keyword, ""]),
);

/** A command line. If it can be parsed, it can be formatted as one line with the same meaning. */
function fuzzCommand(input: Uint8Array): void {
  const line = input.filter((octet) => octet !== LF);
  const command = orRefusal(() => parseCommand(line));
  if (command?.verb === "MAIL") {
    const again = parseCommand(lineOf(formatMail(command.mail, EXTENSIONS)));
    assert.deepEqual(again, command);
  }
  if (command?.verb === "RCPT") {
    const again = parseCommand(lineOf(formatRcpt(command.recipient, EXTENSIONS)));
    assert.deepEqual(again, command);
  }
}

function lineOf(line: string): Uint8Array {
  assert.match(line, /^[^\p{Cc}]*\r\n$/u);
  return new TextEncoder().encode(line.slice(0, -2));
}

/** Returns the result; undefined if the input was refused with a permanent reply. */
function orRefusal<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SmtpError)) throw error;
    checkReply(error.reply);
    assert(error.reply.code >= 500);
    return undefined;
  }
}

const REPLY_OCTETS = /^(?:\d{3}-[\x20-\x7e]*\r\n)*\d{3} [\x20-\x7e]*\r\n$/;
const REPLY_LINE_LIMIT_OCTETS = 512;

function checkReply(reply: Reply): void {
  const formatted = text(reply.octets);
  assert.match(formatted, REPLY_OCTETS);
  for (const line of formatted.split("\r\n")) assert(line.length <= REPLY_LINE_LIMIT_OCTETS - 2);
}

/** An upstream's replies. Each can be passed on; then comes the end or an error. */
async function fuzzReply(input: Uint8Array, random: Random): Promise<void> {
  const [upstream, ours] = linkedTransports();
  const replies = new ReplyReader(ours, () => {});
  for (const piece of pieces(input, random)) await upstream.write(piece);
  upstream.close();
  try {
    for (;;) checkReply(await replies.next());
  } catch (error) {
    const { name } = error as Error;
    const isEnd = name === "Error" && ours.ended;
    if (!isEnd && name !== "ReplySyntaxError" && name !== "SmtpError") throw error;
  }
}

/** A mechanism, then lines of the exchange. The first can be an initial response. */
function fuzzSasl(input: Uint8Array): void {
  const [mechanism = "", ...lines] = text(input).split("\n");
  const initialResponse = lines[0]?.startsWith("initial ") ? lines.shift()!.slice(8) : undefined;
  orRefusal(() => {
    const { exchange, step: first } = startSasl(mechanism, initialResponse);
    assert((MECHANISMS as readonly string[]).includes(mechanism));
    let step = first;
    for (const line of lines) {
      if ("credentials" in step) break;
      assert.equal(step.challenge.code, 334);
      step = exchange.next(Uint8Array.from(line, (character) => character.charCodeAt(0)));
    }
    if (!("credentials" in step)) return;
    checkCredentials(step.credentials);
    const { username, password } = step.credentials;
    assert.match(username, /^[^\p{Cc}]{1,255}$/u);
    assert(password.length > 0 && password.length <= 255);
  });
}

/** The beginning of a connection. More octets never change the result. */
function fuzzProxy(input: Uint8Array): void {
  const whole = tryProxyHeader(input);
  for (let length = 0; length < Math.min(input.length, 300); length++) {
    const part = tryProxyHeader(input.subarray(0, length));
    if (part !== "incomplete") assert.deepEqual(part, whole);
  }
  if (typeof whole !== "object") return;
  assert(whole.octetCount <= input.length);
  assert.match(whole.address ?? "::", /^[0-9a-f.:]+$/);
}

function tryProxyHeader(octets: Uint8Array) {
  try {
    return parseProxyHeader(octets);
  } catch (error) {
    if (!(error instanceof ProxyProtocolError)) throw error;
    return "bad";
  }
}

/** Message data in any pieces. The result is that of a slow and simple reader. */
async function fuzzData(input: Uint8Array, random: Random): Promise<void> {
  const expected = referenceScan(text(input));
  const [client, ours] = linkedTransports();
  const body = new DataBody(new WireReader(ours), Number.MAX_SAFE_INTEGER);
  for (const piece of pieces(input, random)) await client.write(piece);
  client.close();
  const form = random.pick(["plain", "stuffed"] as const);
  let content = "";
  try {
    for (;;) {
      const { octets, last } = await body.next(form);
      content += text(octets);
      if (!last) continue;
      assert.equal(expected.fault, undefined);
      assert.notEqual(expected.end, undefined);
      assert.equal(form === "plain" ? content : unstuff(content), expected.content);
      return;
    }
  } catch (error) {
    if (error instanceof SmtpError) return assert.equal(error.reply.code, expected.fault);
    if ((error as Error).name !== "ClientGoneError") throw error;
    assert.equal(expected.end, undefined);
  }
}

/** Returns the message that a server reads before the line with the single dot. */
function unstuff(content: string): string {
  const lines = content.split("\r\n");
  assert(!lines.includes("."), "an end of data in the midst of it");
  return lines.map((line) => line.replace(/^\./, "")).join("\r\n");
}

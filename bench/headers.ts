/**
 * The cost of rewriting the header of a message, beside what every message costs anyway: the look at its line ends, and the
 * encryption for the upstream. For comparison, the same with a mere copy in place of the encryption, which no message has.
 *
 *     deno run -A bench/headers.ts [--rounds 15]
 *
 * Exits with 1 if a message of 10 MiB gets through at less than 0.9 × of the speed without rewriting.
 *
 * @module
 */
import { createCipheriv } from "node:crypto";
import { cpuUsage } from "node:process";
import { parseArgs } from "node:util";
import { HeaderRewriter, type HeaderRules } from "../smtp/headers/mod.ts";
import { LineScanner } from "../smtp/protocol/mod.ts";
import { median } from "./statistics.ts";

const MIB = 1024 * 1024;
const MESSAGE_OCTETS = 10 * MIB;
/** As the server reads messages. */
const PIECE_OCTETS = 262_144;
const DEFAULT_ROUNDS = "15";
const MESSAGES_A_ROUND = 20;
const SMALL_MESSAGES_A_ROUND = 2_000;
const WARM_UP_MESSAGES = 10_000;
const WANTED_RATIO = 0.9;

/** `always` rewrites the header of the message, `any` adds two fields to it. */
const KINDS = ["always", "any"] as const;

type Kind = typeof KINDS[number];

const VALUES: Omit<HeaderRules, "sender"> = {
  mailbox: "scans@contoso.example",
  now: () => 0,
  newMessageId: () => "1@contoso.example",
};

/** A header as a scanner sends it. */
const HEADER = [
  "Received: from scanner (192.0.2.40) by mail.contoso.example; Mon, 3 Mar 2025 10:00:00 +0100",
  'From: "Scanner, second floor" <scanner@192.0.2.40>',
  "Sender: scanner@192.0.2.40",
  "To: anna@contoso.example",
  "Subject: =?utf-8?Q?Scan_f=C3=BCr_Anna?=",
  "MIME-Version: 1.0",
  "Content-Type: application/pdf; name=scan.pdf",
  "Content-Transfer-Encoding: base64",
  "",
  "",
].join("\r\n");

function messageOf(octetCount: number): Uint8Array {
  const line = `${"JVBERi0xLjQK".repeat(6)}\r\n`;
  const lines = line.repeat(Math.ceil(Math.max(0, octetCount - HEADER.length) / line.length));
  return new TextEncoder().encode(HEADER + lines);
}

/** Takes the octets that leave. */
type Sink = (octets: Uint8Array) => void;

const buffer = new Uint8Array(2 * PIECE_OCTETS);
const cipher = createCipheriv("aes-128-gcm", new Uint8Array(16), new Uint8Array(12));
const SINKS: Readonly<Record<"encrypted" | "copied", Sink>> = {
  encrypted: (octets) => void cipher.update(octets),
  copied: (octets) => buffer.set(octets),
};

/** Sends a message through. */
function pass(message: Uint8Array, sink: Sink, rewriter?: HeaderRewriter): void {
  const scanner = new LineScanner(false);
  for (let at = 0; at < message.length; at += PIECE_OCTETS) {
    const piece = message.subarray(at, at + PIECE_OCTETS);
    scanner.scan(piece);
    const last = at + PIECE_OCTETS >= message.length;
    for (const part of rewriter?.push(piece, last) ?? [piece]) sink(part);
  }
}

/** Milliseconds of CPU time for a number of messages: other work on the machine matters less to it. */
function time(message: Uint8Array, sink: Sink, count: number, kind?: Kind): number {
  const start = cpuUsage();
  for (let sent = 0; sent < count; sent++) {
    pass(message, sink, kind && new HeaderRewriter({ ...VALUES, sender: { kind } }));
  }
  const { user, system } = cpuUsage(start);
  return (user + system) / 1000;
}

/** The medians of many rounds, in which both ways take turns. */
function compare(message: Uint8Array, sink: Sink, count: number, rounds: number, kind: Kind) {
  const times = Array.from({ length: rounds }, (_, round) => {
    const order = round % 2 === 0 ? [undefined, kind] : [kind, undefined];
    const [first, second] = order.map((kind) => time(message, sink, count, kind));
    return order[0] ? { plain: second!, rewritten: first! } : { plain: first!, rewritten: second! };
  });
  return {
    ratio: median(times.map(({ plain, rewritten }) => plain / rewritten)),
    plainMs: median(times.map(({ plain }) => plain)) / count,
    rewrittenMs: median(times.map(({ rewritten }) => rewritten)) / count,
  };
}

/** Measures messages of 10 MiB, and returns the ratio. */
function measureLarge(sink: keyof typeof SINKS, rounds: number, kind: Kind): number {
  const message = messageOf(MESSAGE_OCTETS);
  const { ratio, plainMs, rewrittenMs } = compare(
    ...[message, SINKS[sink], MESSAGES_A_ROUND, rounds, kind] as const,
  );
  const speed = (ms: number) => (MESSAGE_OCTETS / MIB / ms * 1000).toFixed(0);
  console.log(
    `${kind}, 10 MiB, ${sink}: ${speed(plainMs)} MiB/s as it is, ${
      speed(rewrittenMs)
    } MiB/s rewritten, ` +
      `${ratio.toFixed(3)} ×`,
  );
  return ratio;
}

function main(args: string[]): number {
  const { values } = parseArgs({
    args,
    options: { rounds: { type: "string", default: DEFAULT_ROUNDS } },
  });
  const rounds = Number(values.rounds);
  const small = messageOf(2_048);
  // A server has seen many messages: its code is compiled.
  for (const kind of [undefined, ...KINDS]) time(small, SINKS.copied, WARM_UP_MESSAGES, kind);
  const ratios = KINDS.map((kind) => {
    const { plainMs, rewrittenMs } = compare(
      ...[small, SINKS.copied, SMALL_MESSAGES_A_ROUND, rounds, kind] as const,
    );
    console.log(`${kind}, 2 KiB: ${((rewrittenMs - plainMs) * 1000).toFixed(1)} µs for the header`);
    measureLarge("copied", rounds, kind);
    return measureLarge("encrypted", rounds, kind);
  });
  return Math.min(...ratios) >= WANTED_RATIO ? 0 : 1;
}

if (import.meta.main) Deno.exit(main(Deno.args));

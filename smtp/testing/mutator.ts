/**
 * Random changes of inputs for the fuzzer. The same seed gives the same changes.
 *
 * @module
 */
import { concat } from "../protocol/octets.ts";
import { octets } from "./assertions.ts";

/** Tokens that matter to parsers. */
const TOKENS: readonly Uint8Array[] = [
  ...["\r\n", "\r", "\n", "\0", ".", "\r\n.\r\n", "\n.\n", "\r\n.\r", "\r.\r\n", " ", "  ", "\t"],
  ...[
    "EHLO x",
    "HELO x",
    "AUTH PLAIN ",
    "AUTH LOGIN",
    "*",
    "=",
    "MAIL FROM:<a@b>",
    "RCPT TO:<c@d>",
  ],
  ...["DATA", "BDAT 5", "BDAT 0 LAST", "BDAT 99999 LAST", "RSET", "NOOP", "QUIT", "STARTTLS"],
  ...["SIZE=", "BODY=8BITMIME", "SMTPUTF8", "ENVID=+41", "ORCPT=rfc822;a", "NOTIFY=NEVER"],
  ...["220 ", "250-", "250 ", "334 ", "354 ", "421 ", "535 5.7.8 ", "PROXY TCP4 ", "PROXY UNKNOWN"],
  ...[
    "\r\n\r\n\0\r\nQUIT\n",
    "\x21\x11\0\x0c",
    "<>",
    "<",
    ">",
    '"',
    "\\",
    "@",
    ":",
    "\xff",
    "\xc3\xa9",
  ],
  ...[
    "From: ",
    "Sender: ",
    "\r\nFrom: a@b\r\n",
    "\r\n ",
    "(",
    ")",
    ",",
    ";",
    "=?utf-8?q?",
    "?=",
    "\xef\xbb\xbf",
  ],
  ...["scans@contoso.example", "MIME-Version: 1.0\r\n", "From a@b Mon Jan  1 00:00:00 2024\r\n"],
].map(octets);

/** The maximum length of an input. */
const LIMIT_OCTETS = 4_096;
const MOST_CHANGES = 6;

/** A pseudorandom number generator. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** Returns an integer from 0 up to, but not including, the bound (mulberry32). */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % bound;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

type Change = (input: Uint8Array, random: Random, corpus: readonly Uint8Array[]) => Uint8Array;

const CHANGES: readonly Change[] = [
  function flipBit(input, random) {
    const output = input.slice();
    if (output.length > 0) output[random.below(output.length)]! ^= 1 << random.below(8);
    return output;
  },
  function insertToken(input, random) {
    const at = random.below(input.length + 1);
    return concat(input.subarray(0, at), random.pick(TOKENS), input.subarray(at));
  },
  function replaceByToken(input, random) {
    const { from, to } = range(input, random);
    return concat(input.subarray(0, from), random.pick(TOKENS), input.subarray(to));
  },
  function remove(input, random) {
    const { from, to } = range(input, random);
    return concat(input.subarray(0, from), input.subarray(to));
  },
  function repeat(input, random) {
    const { from, to } = range(input, random);
    return concat(input.subarray(0, to), input.subarray(from));
  },
  function setOctet(input, random) {
    const output = input.slice();
    if (output.length > 0) output[random.below(output.length)] = random.below(256);
    return output;
  },
  function cut(input, random) {
    return input.subarray(0, random.below(input.length + 1));
  },
  function splice(input, random, corpus) {
    const other = random.pick(corpus);
    return concat(
      input.subarray(0, random.below(input.length + 1)),
      other.subarray(random.below(other.length + 1)),
    );
  },
];

function range(input: Uint8Array, random: Random): { from: number; to: number } {
  const from = random.below(input.length + 1);
  return { from, to: from + random.below(Math.min(input.length - from, 32) + 1) };
}

/** Returns an input of the corpus with a few changes. */
export function mutate(corpus: readonly Uint8Array[], random: Random): Uint8Array {
  let input = random.pick(corpus);
  for (let count = random.below(MOST_CHANGES); count >= 0; count--) {
    input = random.pick(CHANGES)(input, random, corpus);
  }
  return input.slice(0, LIMIT_OCTETS);
}

/** Splits the input into pieces as a network might deliver them, sometimes octet by octet. */
export function pieces(input: Uint8Array, random: Random): Uint8Array[] {
  const longest = random.pick([1, 3, 20, 200, LIMIT_OCTETS]);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < input.length;) {
    const end = at + 1 + random.below(longest);
    parts.push(input.slice(at, end));
    at = end;
  }
  return parts;
}

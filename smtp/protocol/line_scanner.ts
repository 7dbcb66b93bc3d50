/**
 * Scanning a message's octets once: line ends, NUL, and dots at the beginning of a line.
 *
 * @module
 */
import { Reply } from "./reply.ts";

const NUL = 0;
const LF = 10;
const CR = 13;
const DOT = 46;

const BARE_CR = new Reply(
  550,
  "5.5.2",
  "The message has a bare CR: its lines have to end with CR LF",
);
const NUL_OCTET = new Reply(554, "5.6.0", "The message has a NUL octet");

/**
 * Scans a message piece by piece. SMTP smuggling relies on line ends that are not CR LF, so a bare CR is a fault. A bare LF
 * ends a line and is sent on as CR LF, but it is never part of the end of the data.
 */
export class LineScanner {
  readonly #endsAtDot: boolean;
  #atLineStart = true;
  /** Whether the line began behind a bare LF. */
  #afterBareLineFeed = false;
  #afterCr = false;
  #fault: Reply | undefined;
  #ended = false;
  #contentEnd = 0;

  /** Indices of dots that begin a line, in the octets scanned last. In DATA these are the stuffed dots. */
  readonly dots: number[] = [];
  /** Indices of dots that are alone in their line, but neither stuffed nor the end of the data. Only in DATA. */
  readonly loneDots: number[] = [];
  /** Indices of line feeds without a CR. */
  readonly bareLineFeeds: number[] = [];

  /** @param endsAtDot Whether a line with a single dot ends the message: DATA, not BDAT. */
  constructor(endsAtDot: boolean) {
    this.#endsAtDot = endsAtDot;
  }

  /** The first fault, for which the message must be refused. The scan goes on, to find the true end. */
  get fault(): Reply | undefined {
    return this.#fault;
  }

  /** Whether the line with the single dot has been seen. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether the message may stop here: no CR waits for its LF. */
  get complete(): boolean {
    return !this.#afterCr;
  }

  /** Whether the next octet begins a line. */
  get atLineStart(): boolean {
    return this.#atLineStart;
  }

  /** Number of octets scanned last that belong to the message. */
  get contentEnd(): number {
    return this.#contentEnd;
  }

  /**
   * Scans octets and returns how many are done. A dot at the start of the last line is left over if its meaning depends on
   * the next octets: the next call has to begin with it.
   */
  scan(octets: Uint8Array): number {
    const end = octets.length;
    const words = wordsOf(octets);
    this.dots.length = this.loneDots.length = this.bareLineFeeds.length = 0;
    let i = 0;
    if (this.#afterCr && end > 0) {
      this.#afterCr = false;
      if (octets[0] === LF) {
        this.#beginLine(false);
        i = 1;
      } else this.#fault ??= BARE_CR;
    }
    while (i < end) {
      if (this.#atLineStart && octets[i] === DOT) {
        const length = this.#endsAtDot ? loneDotLength(octets, i) : 0;
        if (length < 0) break;
        if (length === END_OF_DATA_OCTETS && !this.#afterBareLineFeed) {
          this.#ended = true;
          this.#contentEnd = i;
          return i + length;
        }
        (length > 0 ? this.loneDots : this.dots).push(i);
      }
      i = skipText(octets, words, i);
      this.#atLineStart = false;
      if (i < end) i = this.#control(octets, i);
    }
    this.#contentEnd = i;
    return i;
  }

  /** Examines a control character and returns the index behind it. */
  #control(octets: Uint8Array, i: number): number {
    const octet = octets[i]!;
    if (octet === CR) {
      if (i + 1 === octets.length) this.#afterCr = true;
      else if (octets[i + 1] === LF) {
        this.#beginLine(false);
        return i + 2;
      } else this.#fault ??= BARE_CR;
    } else if (octet === LF) {
      this.bareLineFeeds.push(i);
      this.#beginLine(true);
    } else if (octet === NUL) this.#fault ??= NUL_OCTET;
    return i + 1;
  }

  #beginLine(afterBareLineFeed: boolean): void {
    this.#atLineStart = true;
    this.#afterBareLineFeed = afterBareLineFeed;
  }
}

/** Returns the octets as aligned words of four; the first may begin before them. */
function wordsOf({ buffer, byteOffset, length }: Uint8Array): Int32Array {
  const misalignment = byteOffset % 4;
  return new Int32Array(buffer, byteOffset - misalignment, (misalignment + length) >> 2);
}

/** In each octet of a word: the lowest value above all line ends and NUL. */
const ABOVE_CR = 0x0e0e0e0e;
const HIGH_BITS = 0x80808080;

/**
 * Returns the index of the next octet, from `i`, that is at most CR. Subtracting from a whole word sets the high bit of each
 * octet that was smaller, which is twice as fast as comparing each.
 */
function skipText(octets: Uint8Array, words: Int32Array, i: number): number {
  const misalignment = octets.byteOffset - words.byteOffset;
  for (; i < octets.length; i++) {
    if ((i + misalignment) % 4 === 0) {
      let word = (i + misalignment) >> 2;
      while (word < words.length && ((words[word]! - ABOVE_CR) & ~words[word]! & HIGH_BITS) === 0) {
        word++;
      }
      i = (word << 2) - misalignment;
    }
    if (i >= octets.length || octets[i]! <= CR) break;
  }
  return Math.min(i, octets.length);
}

/** A dot with CR LF behind it. */
const END_OF_DATA_OCTETS = 3;

/**
 * Returns the length of the line at `i`, with its line end, if it has a single dot; 0 if there is more in it, -1 if undecided.
 */
function loneDotLength(octets: Uint8Array, i: number): number {
  if (i + 1 === octets.length) return -1;
  if (octets[i + 1] === LF) return 2;
  if (octets[i + 1] !== CR) return 0;
  if (i + 2 === octets.length) return -1;
  return octets[i + 2] === LF ? END_OF_DATA_OCTETS : 0;
}

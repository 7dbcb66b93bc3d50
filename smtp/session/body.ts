/**
 * A message on its way from the client to the upstream: a stream of pieces, pulled by the upstream side. A bare LF is passed on
 * as CR LF, since many scripts and devices send it.
 *
 * @module
 */
import type { BodyChunk, BodyForm, MessageBody } from "../backend.ts";
import { concat, LineScanner, Reply, SmtpError } from "../protocol/mod.ts";
import type { WireReader } from "../net/mod.ts";

/** The client's stream ended or broke inside a message. */
export class ClientGoneError extends Error {
  override readonly name = "ClientGoneError";
}

/**
 * Waits for more octets of a message.
 *
 * @throws {ClientGoneError} at the end of the stream.
 */
export async function fillMessage(reader: WireReader): Promise<void> {
  const arrived = await reader.fill(true).catch((cause) => {
    throw new ClientGoneError("connection broke inside the message", { cause });
  });
  if (!arrived) throw new ClientGoneError("connection ended inside the message");
}

const CR = 13;
const DOT = 46;
const LINE_END = Uint8Array.of(13, 10);

/** Reads and discards the octets of a refused chunk, to find the next command (RFC 3030 section 2). */
export async function discardOctets(reader: WireReader, size: number): Promise<void> {
  for (let missing = size; missing > 0;) {
    if (reader.unreadCount === 0) await fillMessage(reader);
    const octetCount = Math.min(missing, reader.unreadCount);
    reader.consume(octetCount);
    missing -= octetCount;
  }
}

/** How far beyond the size limit a refused message is read to find its end. */
export const DRAIN_LIMIT_OCTETS = 268_435_456;

/** RFC 1870 section 6. */
export const TOO_LARGE = new Reply(552, "5.3.4", "The message is larger than this server accepts");
const ENDS_IN_LINE_END = new Reply(550, "5.5.2", "The message ends with a bare CR");

/** Returns the error for a message that exceeds this limit. */
export function endless(): SmtpError {
  return new SmtpError(TOO_LARGE, { closes: true });
}

/** Message data after DATA, up to the line with a single dot (RFC 5321 section 4.1.1.4). */
export class DataBody implements MessageBody {
  readonly #reader: WireReader;
  readonly #sizeLimitOctets: number;
  readonly #scanner = new LineScanner(true);
  /** Whether the meaning of the unread octets depends on the next ones. */
  #undecided = false;
  #octetCount = 0;

  /** @param sizeLimitOctets A larger message is refused with 552 5.3.4 (RFC 1870 section 6.3). */
  constructor(reader: WireReader, sizeLimitOctets: number) {
    this.#reader = reader;
    this.#sizeLimitOctets = sizeLimitOctets;
  }

  /** Octets of the message so far. */
  get octetCount(): number {
    return this.#octetCount;
  }

  /** Whether the end of the data was read. */
  get ended(): boolean {
    return this.#scanner.ended;
  }

  get arrivedCount(): number {
    return this.#reader.octetCount;
  }

  next(form: BodyForm): BodyChunk | Promise<BodyChunk> {
    if (this.#reader.unreadCount > 0 && !this.#undecided) return this.#take(form);
    return fillMessage(this.#reader).then(() => this.#take(form));
  }

  /**
   * Reads and discards the rest of the data.
   *
   * @throws {SmtpError} 552 5.3.4, which ends the connection, if the data goes on for too long.
   */
  async drain(): Promise<void> {
    while (!this.#scanner.ended) {
      if (this.#octetCount > this.#sizeLimitOctets + DRAIN_LIMIT_OCTETS) throw endless();
      if (this.#reader.unreadCount === 0 || this.#undecided) await fillMessage(this.#reader);
      this.#scan();
    }
  }

  #take(form: BodyForm): BodyChunk {
    const octets = this.#scan();
    if (this.#scanner.fault !== undefined) throw new SmtpError(this.#scanner.fault);
    if (this.#octetCount > this.#sizeLimitOctets) throw new SmtpError(TOO_LARGE);
    return { octets: this.#inForm(octets, form), last: this.#scanner.ended };
  }

  #inForm(octets: Uint8Array, form: BodyForm): Uint8Array {
    const { dots, loneDots, bareLineFeeds } = this.#scanner;
    const stuffed = form === "stuffed";
    // The line itself follows the stuffed dot. If it begins with a dot, it would be stuffed again.
    const unwanted = stuffed ? dots.filter((at) => octets[at + 1] !== DOT) : dots;
    if (bareLineFeeds.length === 0 && loneDots.length === 0) {
      return unwanted.length === 0 ? octets : withoutDots(octets, unwanted);
    }
    return edited(octets, [
      ...bareLineFeeds.map((at) => ({ at, insert: CR })),
      ...stuffed ? loneDots.map((at) => ({ at, insert: DOT })) : [],
      ...unwanted.map((at) => ({ at })),
    ]);
  }

  #scan(): Uint8Array {
    const unread = this.#reader.unread;
    const done = this.#scanner.scan(unread);
    this.#reader.consume(done);
    this.#undecided = done < unread.length;
    const { contentEnd, dots, bareLineFeeds } = this.#scanner;
    this.#octetCount += contentEnd - dots.length + bareLineFeeds.length;
    return unread.subarray(0, contentEnd);
  }
}

/** A piece that was not used yet. */
interface OfferedChunk extends BodyChunk {
  readonly used: PromiseWithResolvers<void>;
}

/**
 * Message data from BDAT commands (RFC 3030). The session pushes each piece and the upstream side pulls it, without a buffer
 * in between.
 */
export class ChunkedBody implements MessageBody {
  readonly #reader: Pick<WireReader, "octetCount">;
  readonly #sizeLimitOctets: number;
  readonly #scanner = new LineScanner(false);
  #octetCount = 0;
  #closed = false;
  #offered: OfferedChunk | undefined;
  /** The piece returned last, which is in use until the next is asked for. */
  #inUse: OfferedChunk | undefined;
  #failure: Error | undefined;
  /** Resolves when a piece is offered. */
  #wanted = Promise.withResolvers<void>();

  /** @param sizeLimitOctets As for {@linkcode DataBody}. */
  constructor(reader: Pick<WireReader, "octetCount">, sizeLimitOctets: number) {
    this.#reader = reader;
    this.#sizeLimitOctets = sizeLimitOctets;
  }

  /** Octets of the message so far. */
  get octetCount(): number {
    return this.#octetCount;
  }

  get arrivedCount(): number {
    return this.#reader.octetCount;
  }

  /** Offers a piece. Resolves when it has been used, or is no longer wanted. */
  push(octets: Uint8Array, last: boolean): Promise<void> {
    this.#octetCount += octets.length;
    if (this.#closed) return Promise.resolve();
    const used = Promise.withResolvers<void>();
    this.#offered = { octets, last, used };
    this.#wanted.resolve();
    return used.promise;
  }

  /** Aborts the message: the upstream side gets the error. */
  fail(error: Error): void {
    this.#failure = error;
    this.#wanted.resolve();
  }

  /** Ends the message: no more pieces are wanted. */
  close(): void {
    this.#closed = true;
    this.#inUse?.used.resolve();
    this.#offered?.used.resolve();
  }

  async next(form: BodyForm): Promise<BodyChunk> {
    this.#inUse?.used.resolve();
    if (this.#offered === undefined && this.#failure === undefined) await this.#wanted.promise;
    this.#wanted = Promise.withResolvers();
    if (this.#failure !== undefined) throw this.#failure;
    this.#inUse = this.#offered!;
    this.#offered = undefined;
    const { octets, last } = this.#inUse;
    return { octets: this.#check(octets, last, form), last };
  }

  #check(octets: Uint8Array, last: boolean, form: BodyForm): Uint8Array {
    const scanner = this.#scanner;
    scanner.scan(octets);
    this.#octetCount += scanner.bareLineFeeds.length;
    if (scanner.fault !== undefined) throw new SmtpError(scanner.fault);
    if (this.#octetCount > this.#sizeLimitOctets) throw new SmtpError(TOO_LARGE);
    if (last && !scanner.complete) throw new SmtpError(ENDS_IN_LINE_END);
    return inForm(octets, scanner, form, last);
  }
}

/**
 * Returns a piece of an unstuffed message in the given form, with CR LF for each bare LF.
 *
 * @param scanner Has scanned the piece.
 */
export function inForm(
  octets: Uint8Array,
  { dots, bareLineFeeds, atLineStart }: LineScanner,
  form: BodyForm,
  last: boolean,
): Uint8Array {
  const insertions = bareLineFeeds.map((at) => ({ at, insert: CR }));
  if (form === "stuffed") insertions.push(...dots.map((at) => ({ at, insert: DOT })));
  const result = insertions.length > 0 ? edited(octets, insertions) : octets;
  if (form === "plain") return result;
  // The final dot needs a line of its own, and a BDAT message may lack the last line end.
  return last && !atLineStart ? concat(result, LINE_END) : result;
}

/** Removes the stuffed dots in place. */
function withoutDots(octets: Uint8Array, dots: readonly number[]): Uint8Array {
  let out = dots[0]!;
  dots.forEach((dot, index) => {
    const end = dots[index + 1] ?? octets.length;
    octets.copyWithin(out, dot + 1, end);
    out += end - dot - 1;
  });
  return octets.subarray(0, out);
}

/** A change to a piece: `insert` is put in front of the octet at `at`; without `insert`, that octet is removed. */
interface Edit {
  readonly at: number;
  readonly insert?: number;
}

function edited(octets: Uint8Array, edits: Edit[]): Uint8Array {
  edits.sort((a, b) => a.at - b.at);
  const result = new Uint8Array(octets.length + edits.length);
  let from = 0;
  let length = 0;
  for (const { at, insert } of edits) {
    result.set(octets.subarray(from, at), length);
    length += at - from;
    if (insert !== undefined) result[length++] = insert;
    from = insert === undefined ? at + 1 : at;
  }
  result.set(octets.subarray(from), length);
  return result.subarray(0, length + octets.length - from);
}

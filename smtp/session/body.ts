/**
 * A message on its way from the client to the upstream: a stream of pieces, pulled by who sends them on.
 *
 * @module
 */
import type { BodyChunk, BodyForm, MessageBody } from "../backend.ts";
import { concat, LineScanner, Reply, SmtpError } from "../protocol/mod.ts";
import type { WireReader } from "../net/mod.ts";

/** The client's stream ended, or broke, inside a message. */
export class ClientGoneError extends Error {
  override readonly name = "ClientGoneError";
}

/**
 * Waits for more octets of a message.
 *
 * @throws {ClientGoneError} when none will come.
 */
export async function fillMessage(reader: WireReader): Promise<void> {
  const arrived = await reader.fill(true).catch((cause) => {
    throw new ClientGoneError("connection broke inside the message", { cause });
  });
  if (!arrived) throw new ClientGoneError("connection ended inside the message");
}

const DOT = 46;
export const LINE_END = Uint8Array.of(13, 10);

/** What is refused is still read, to find its end: up to so much beyond the size limit. */
export const DRAIN_LIMIT_OCTETS = 268_435_456;

const TOO_LARGE = new Reply(552, "5.3.4", "The message is larger than this server accepts");
const ENDS_IN_LINE_END = new Reply(550, "5.5.2", "The message ends with a bare CR");

/** A message without end in sight. */
export function endless(): SmtpError {
  return new SmtpError(TOO_LARGE, { closes: true });
}

/** Message data after DATA, up to the line with a single dot (RFC 5321 section 4.1.1.4). */
export class DataBody implements MessageBody {
  readonly #reader: WireReader;
  readonly #sizeLimitOctets: number;
  readonly #scanner = new LineScanner(true);
  /** Whether the unread octets say nothing without the ones behind them. */
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

  next(form: BodyForm): BodyChunk | Promise<BodyChunk> {
    if (this.#reader.unread.length > 0 && !this.#undecided) return this.#take(form);
    return fillMessage(this.#reader).then(() => this.#take(form));
  }

  /**
   * Reads on to the end of the data and throws it away; at once where the end has been reached.
   *
   * @throws {SmtpError} 552 5.3.4, and the connection has to end, when there seems to be no end.
   */
  async drain(): Promise<void> {
    while (!this.#scanner.ended) {
      if (this.#octetCount > this.#sizeLimitOctets + DRAIN_LIMIT_OCTETS) throw endless();
      if (this.#reader.unread.length === 0 || this.#undecided) await fillMessage(this.#reader);
      this.#scan();
    }
  }

  #take(form: BodyForm): BodyChunk {
    const octets = this.#scan();
    if (this.#scanner.fault !== undefined) throw new SmtpError(this.#scanner.fault);
    if (this.#octetCount > this.#sizeLimitOctets) throw new SmtpError(TOO_LARGE);
    const { dots, ended } = this.#scanner;
    return {
      octets: form === "plain" && dots.length > 0 ? withoutDots(octets, dots) : octets,
      last: ended,
    };
  }

  #scan(): Uint8Array {
    const unread = this.#reader.unread;
    const done = this.#scanner.scan(unread);
    this.#reader.consume(done);
    this.#undecided = done < unread.length;
    this.#octetCount += this.#scanner.contentEnd - this.#scanner.dots.length;
    return unread.subarray(0, this.#scanner.contentEnd);
  }
}

/** A piece that waits to be used. */
interface OfferedChunk extends BodyChunk {
  readonly used: PromiseWithResolvers<void>;
}

/**
 * Message data from BDAT commands (RFC 3030). The session pushes what it reads between them; the two sides meet without a
 * buffer.
 */
export class ChunkedBody implements MessageBody {
  readonly #sizeLimitOctets: number;
  readonly #scanner = new LineScanner(false);
  #octetCount = 0;
  #closed = false;
  #offered: OfferedChunk | undefined;
  /** The piece given out last, which is used until the next is asked for. */
  #inUse: OfferedChunk | undefined;
  #failure: Error | undefined;
  /** Wakes who waits for a piece. */
  #wanted = Promise.withResolvers<void>();

  /** @param sizeLimitOctets As for {@linkcode DataBody}. */
  constructor(sizeLimitOctets: number) {
    this.#sizeLimitOctets = sizeLimitOctets;
  }

  /** Octets of the message so far. */
  get octetCount(): number {
    return this.#octetCount;
  }

  /** Offers a piece; resolves when it has been used, or when nobody wants it any more. */
  push(octets: Uint8Array, last: boolean): Promise<void> {
    this.#octetCount += octets.length;
    if (this.#closed) return Promise.resolve();
    const used = Promise.withResolvers<void>();
    this.#offered = { octets, last, used };
    this.#wanted.resolve();
    return used.promise;
  }

  /** Ends the message before its end: the receiver gets the error. */
  fail(error: Error): void {
    this.#failure = error;
    this.#wanted.resolve();
  }

  /** Says that nothing more is wanted: the message has met its fate. */
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
    if (scanner.fault !== undefined) throw new SmtpError(scanner.fault);
    if (this.#octetCount > this.#sizeLimitOctets) throw new SmtpError(TOO_LARGE);
    if (last && !scanner.complete) throw new SmtpError(ENDS_IN_LINE_END);
    if (form === "plain") return octets;
    const stuffed = scanner.dots.length > 0 ? withDoubledDots(octets, scanner.dots) : octets;
    // The line with the final dot needs a line of its own; BDAT messages may lack the last line end.
    return last && !scanner.atLineStart ? concat(stuffed, LINE_END) : stuffed;
  }
}

/** Removes octets by moving the others together, within the buffer they were read into. */
function withoutDots(octets: Uint8Array, dots: readonly number[]): Uint8Array {
  let out = dots[0]!;
  dots.forEach((dot, index) => {
    const end = dots[index + 1] ?? octets.length;
    octets.copyWithin(out, dot + 1, end);
    out += end - dot - 1;
  });
  return octets.subarray(0, out);
}

/** Doubles dots, as DATA wants them (RFC 5321 section 4.5.2). @param dots The index of each. */
export function withDoubledDots(octets: Uint8Array, dots: readonly number[]): Uint8Array {
  const stuffed = new Uint8Array(octets.length + dots.length);
  let from = 0;
  dots.forEach((dot, index) => {
    stuffed.set(octets.subarray(from, dot), from + index);
    stuffed[dot + index] = DOT;
    from = dot;
  });
  stuffed.set(octets.subarray(from), from + dots.length);
  return stuffed;
}

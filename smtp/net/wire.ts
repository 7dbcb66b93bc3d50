/**
 * Reading lines and octets from a transport. The reader is the only owner of unread octets.
 *
 * @module
 */
import { concat, latin1, Reply, SmtpError } from "../protocol/mod.ts";
import type { Clock } from "../clock.ts";
import type { Transport } from "./transport.ts";

const LF = 10;
const CR = 13;
const EMPTY = new Uint8Array(0);

export const LINE_TOO_LONG = new Reply(500, "5.5.2", "Line too long");
const BARE_LINE_FEED = new Reply(500, "5.5.2", "Lines have to end with CR LF");

/** The connection ends if a line is this many times as long as its limit. */
const LONG_LINE_FACTOR = 16;

/** Splits a transport's octets into lines, and lends them to readers of message data. */
export class WireReader {
  readonly #transport: Transport;
  /** The octets that arrived last; those from {@linkcode WireReader.#start} on are unread. */
  #octets: Uint8Array = EMPTY;
  #start = 0;
  /** The pending read: waiting twice means one read. */
  #filling: Promise<boolean> | undefined;
  /** Octets of an overlong line that were discarded so far; 0 if there is none. */
  #skipped = 0;
  #octetCount = 0;
  #waitingSinceMs: number | undefined;
  #waitedMs = 0;
  readonly #clock: Clock | undefined;

  /** @param clock Measures how long the peer keeps us waiting. Absent: that is not measured. */
  constructor(transport: Transport, clock?: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  /** Octets that have arrived since the start. */
  get octetCount(): number {
    return this.#octetCount;
  }

  /** The time since which a read has been pending; undefined if there is none. */
  get waitingSinceMs(): number | undefined {
    return this.#waitingSinceMs;
  }

  /** Total time of all reads that have ended. */
  get waitedMs(): number {
    return this.#waitedMs;
  }

  /** The octets that have arrived; valid until the next {@linkcode fill}. */
  get unread(): Uint8Array {
    return this.#octets.subarray(this.#start);
  }

  /** Their number. */
  get unreadCount(): number {
    return this.#octets.length - this.#start;
  }

  /** Removes octets from the beginning of {@linkcode unread}. */
  consume(octetCount: number): void {
    this.#start += octetCount;
  }

  /** Whether a whole line has arrived. */
  get hasLine(): boolean {
    return this.#octets.includes(LF, this.#start);
  }

  /** Whether the unread octets begin with a verb and a space, in any case. */
  startsWithVerb(verb: string): boolean {
    const start = this.#octets.subarray(this.#start, this.#start + verb.length + 1);
    return latin1(start).toUpperCase() === `${verb} `;
  }

  /**
   * Waits for more octets; false at the end of the stream. Unread octets stay in front.
   *
   * @param bulk Whether a message is read, not a command.
   */
  fill(bulk = false): Promise<boolean> {
    return this.#filling ??= this.#fill(bulk);
  }

  /** Not async, which would take twice the memory: idle sessions wait here. */
  #fill(bulk: boolean): Promise<boolean> {
    // Unread octets are in the transport's buffer, which the next read overwrites.
    this.#octets = this.unreadCount === 0 ? EMPTY : this.#octets.slice(this.#start);
    this.#start = 0;
    this.#waitingSinceMs = this.#clock?.now() ?? 0;
    return this.#transport.read(bulk).then(this.#arrived, this.#failed);
  }

  readonly #arrived = (octets: Uint8Array | null): boolean => this.#endWait(octets);

  readonly #failed = (error: unknown): never => {
    this.#endWait(null);
    throw error;
  };

  /** @param octets The octets that have arrived; null for none. */
  #endWait(octets: Uint8Array | null): boolean {
    this.#waitedMs += (this.#clock?.now() ?? 0) - this.#waitingSinceMs!;
    this.#waitingSinceMs = undefined;
    this.#filling = undefined;
    if (octets === null) return false;
    this.#octetCount += octets.length;
    this.#octets = this.#octets.length === 0 ? octets : concat(this.unread, octets);
    this.#start = 0;
    return true;
  }

  /**
   * Returns the next line without its line end; undefined if it has not arrived. It is valid until the next
   * {@linkcode fill}.
   *
   * @param needsCr Whether the line must end with CR LF. Simple devices send LF alone.
   * @throws {SmtpError} 500 5.5.2 for a line over the limit, which is skipped, or without the CR that it needs.
   */
  takeLine(limitOctets: number, needsCr = false): Uint8Array | undefined {
    const start = this.#start;
    const end = this.#octets.indexOf(LF, start);
    if (end === -1) {
      if (this.unreadCount + this.#skipped > limitOctets) this.#skip(limitOctets);
      return undefined;
    }
    this.#start = end + 1;
    const tooLong = this.#skipped + end + 1 - start > limitOctets;
    this.#skipped = 0;
    if (tooLong) throw new SmtpError(LINE_TOO_LONG);
    const hasCr = end > start && this.#octets[end - 1] === CR;
    if (needsCr && !hasCr) throw new SmtpError(BARE_LINE_FEED);
    return this.#octets.subarray(start, hasCr ? end - 1 : end);
  }

  /** Discards the beginning of an overlong line, so that the buffer stays bounded. */
  #skip(limitOctets: number): void {
    this.#skipped += this.unreadCount;
    this.#start = this.#octets.length;
    if (this.#skipped > limitOctets * LONG_LINE_FACTOR) {
      throw new SmtpError(LINE_TOO_LONG, { closes: true });
    }
  }

  /**
   * Returns the next line, which must end with CR LF, at once if it has arrived; null at the end of the stream.
   *
   * @throws {SmtpError} as {@linkcode takeLine}.
   */
  readLine(limitOctets: number): Uint8Array | Promise<Uint8Array | null> {
    return this.takeLine(limitOctets, true) ??
      this.fill().then((arrived) => arrived ? this.readLine(limitOctets) : null);
  }

  /** Discards all unread octets. Those sent before TLS must not be used after it (RFC 3207 section 4.2). */
  discard(): void {
    this.#start = this.#octets.length;
    this.#skipped = 0;
  }
}

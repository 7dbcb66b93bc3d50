/**
 * Reading from a transport: the one owner of octets that have arrived and were not used yet.
 *
 * @module
 */
import { concat, Reply, SmtpError } from "../protocol/mod.ts";
import type { Clock } from "../clock.ts";
import type { Transport } from "./transport.ts";

const LF = 10;
const CR = 13;
const EMPTY = new Uint8Array(0);

export const LINE_TOO_LONG = new Reply(500, "5.5.2", "Line too long");
const BARE_LINE_FEED = new Reply(500, "5.5.2", "Lines have to end with CR LF");

/** A line may be this many times over its limit before the peer is taken for hostile and dropped. */
const LONG_LINE_PATIENCE = 16;

/** Cuts a transport's octets into lines, and lends the rest to whoever reads message data. */
export class WireReader {
  readonly #transport: Transport;
  #unread: Uint8Array = EMPTY;
  /** The read that is under way, so that waiting for octets twice means one read. */
  #filling: Promise<boolean> | undefined;
  /** Octets of an overlong line that were thrown away so far; 0 when there is none. */
  #skipped = 0;
  #octetCount = 0;
  #waitingSinceMs: number | undefined;
  #waitedMs = 0;
  readonly #clock: Clock | undefined;

  /** @param clock To measure how long the peer keeps us waiting; absent: it is not measured. */
  constructor(transport: Transport, clock?: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  /** Octets that have arrived since the start. */
  get octetCount(): number {
    return this.#octetCount;
  }

  /** Since when the peer is awaited; undefined while it is not. */
  get waitingSinceMs(): number | undefined {
    return this.#waitingSinceMs;
  }

  /** How long the peer has been awaited since the start, without the wait that is under way. */
  get waitedMs(): number {
    return this.#waitedMs;
  }

  /** The octets that have arrived; valid until the next {@linkcode fill}. */
  get unread(): Uint8Array {
    return this.#unread;
  }

  /** Marks the first octets of {@linkcode unread} as used. */
  consume(octetCount: number): void {
    this.#unread = this.#unread.subarray(octetCount);
  }

  /** Whether a whole line has arrived. */
  get hasLine(): boolean {
    return this.#unread.includes(LF);
  }

  /** Whether what has arrived begins with a verb and a space, in any case. */
  startsWithVerb(verb: string): boolean {
    const start = this.#unread.subarray(0, verb.length + 1);
    return start.length > verb.length &&
      String.fromCharCode(...start).toUpperCase() === `${verb} `;
  }

  /**
   * Waits for more octets; false at the end of the stream. What was unread stays in front.
   *
   * @param bulk Much may come: a message, not a command.
   */
  fill(bulk = false): Promise<boolean> {
    return this.#filling ??= this.#fill(bulk);
  }

  /** No async function, which would keep twice the memory: it is here that sessions are idle. */
  #fill(bulk: boolean): Promise<boolean> {
    // The unread rest lies in the transport's buffer, which the next read overwrites.
    this.#unread = this.#unread.length === 0 ? EMPTY : this.#unread.slice();
    this.#waitingSinceMs = this.#clock?.now() ?? 0;
    return this.#transport.read(bulk).then(
      (octets) => this.#endWait(octets),
      (error) => {
        this.#endWait(null);
        throw error;
      },
    );
  }

  /** @param octets What has come; null for nothing. */
  #endWait(octets: Uint8Array | null): boolean {
    this.#waitedMs += (this.#clock?.now() ?? 0) - this.#waitingSinceMs!;
    this.#waitingSinceMs = undefined;
    this.#filling = undefined;
    if (octets === null) return false;
    this.#octetCount += octets.length;
    this.#unread = this.#unread.length === 0 ? octets : concat(this.#unread, octets);
    return true;
  }

  /**
   * The next line without its CRLF if it has arrived, else undefined. Valid until the next {@linkcode fill}.
   *
   * @throws {SmtpError} 500 5.5.2 for a line over the limit (which is skipped) or one that ends with a bare LF.
   */
  takeLine(limitOctets: number): Uint8Array | undefined {
    const end = this.#unread.indexOf(LF);
    if (end === -1) {
      if (this.#unread.length + this.#skipped > limitOctets) this.#skip(limitOctets);
      return undefined;
    }
    const line = this.#unread.subarray(0, end);
    this.consume(end + 1);
    const tooLong = this.#skipped + end + 1 > limitOctets;
    this.#skipped = 0;
    if (tooLong) throw new SmtpError(LINE_TOO_LONG);
    if (line[end - 1] !== CR) throw new SmtpError(BARE_LINE_FEED);
    return line.subarray(0, end - 1);
  }

  /** Throws away what came of an overlong line, so that the buffer stays bounded. */
  #skip(limitOctets: number): void {
    this.#skipped += this.#unread.length;
    this.#unread = EMPTY;
    if (this.#skipped > limitOctets * LONG_LINE_PATIENCE) {
      throw new SmtpError(LINE_TOO_LONG, { closes: true });
    }
  }

  /** The next line without its CRLF; null at the end of the stream. Throws as {@linkcode takeLine}. */
  async readLine(limitOctets: number): Promise<Uint8Array | null> {
    for (;;) {
      const line = this.takeLine(limitOctets);
      if (line !== undefined) return line;
      if (!await this.fill()) return null;
    }
  }

  /** Forgets all that has arrived: what came before TLS must not be used after it (RFC 3207 section 4.2). */
  discard(): void {
    this.#unread = EMPTY;
    this.#skipped = 0;
  }
}

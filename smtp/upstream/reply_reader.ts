/**
 * Reading an upstream's replies, and listening while none is expected.
 *
 * @module
 */
import { type Transport, WireReader } from "../net/mod.ts";
import {
  joinReplyLines,
  parseReplyLine,
  type Reply,
  REPLY_LINES_LIMIT,
  ReplySyntaxError,
  sanitise,
} from "../protocol/mod.ts";

/** RFC 5321 section 4.5.3.1.5 says 512; a base64 error after AUTH may be longer. */
const REPLY_LINE_LIMIT_OCTETS = 4_096;

/** Octets of an unexpected reply that an error tells. */
const UNREAD_LIMIT_OCTETS = 120;

/** Replies that a connection gives again and again, such as those to MAIL and RCPT, are short; those with an id are not. */
const KNOWN_LIMIT_OCTETS = 64;
const KNOWN_LIMIT = 8;

const decoder = new TextDecoder("latin1");

/** Reads the replies of one upstream connection. */
export class ReplyReader {
  readonly #reader: WireReader;
  readonly #onHeard: () => void;
  /** Whether a read is pending although no reply is expected. */
  #listening = false;
  #ended = false;
  #replyCount = 0;
  /** Short replies that were parsed already, by their line. */
  readonly #known: { readonly line: Uint8Array; readonly reply: Reply }[] = [];

  constructor(transport: Transport, onHeard: () => void) {
    this.#reader = new WireReader(transport);
    this.#onHeard = onHeard;
  }

  /** Whether the upstream has closed the connection. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether octets have arrived that are not part of a reply yet. */
  get hasUnread(): boolean {
    return this.#reader.unreadCount > 0;
  }

  /** The beginning of these octets, for the log. */
  get unreadText(): string {
    return sanitise(decoder.decode(this.#reader.unread.subarray(0, UNREAD_LIMIT_OCTETS)));
  }

  /** Number of replies so far. */
  get replyCount(): number {
    return this.#replyCount;
  }

  /**
   * Returns the next reply.
   *
   * @throws {ReplySyntaxError} or {SmtpError} if it is malformed, or any error of the transport.
   */
  async next(): Promise<Reply> {
    const first = this.#present(await this.#reader.readLine(REPLY_LINE_LIMIT_OCTETS));
    const reply = this.#known.find(({ line }) => isSame(line, first))?.reply ??
      await this.#parse(first);
    this.#replyCount++;
    return reply;
  }

  #present(line: Uint8Array | null): Uint8Array {
    if (line === null) throw new Error("the submission server closed the connection");
    return line;
  }

  /** Parses a reply with its further lines. @param first Its first line, which is valid until octets arrive. */
  async #parse(first: Uint8Array): Promise<Reply> {
    const lines = [parseReplyLine(decoder.decode(first))];
    if (!lines[0]!.more) return this.#remember(first, joinReplyLines(lines));
    do {
      if (lines.length === REPLY_LINES_LIMIT) throw new ReplySyntaxError("reply without end");
      const line = this.#present(await this.#reader.readLine(REPLY_LINE_LIMIT_OCTETS));
      lines.push(parseReplyLine(decoder.decode(line)));
    } while (lines.at(-1)!.more);
    return joinReplyLines(lines);
  }

  #remember(line: Uint8Array, reply: Reply): Reply {
    if (line.length <= KNOWN_LIMIT_OCTETS && this.#known.length < KNOWN_LIMIT) {
      this.#known.push({ line: line.slice(), reply });
    }
    return reply;
  }

  /**
   * Begins to listen, which keeps {@linkcode hasUnread} and {@linkcode ended} up to date. Calls `onHeard` when something has
   * arrived or the connection has ended.
   */
  listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#reader.fill().then((arrived) => this.#heard(arrived), () => this.#heard(false));
  }

  #heard(arrived: boolean): void {
    this.#listening = false;
    if (!arrived) this.#ended = true;
    this.#onHeard();
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

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
  type ReplyLine,
  ReplySyntaxError,
  sanitise,
} from "../protocol/mod.ts";

/** RFC 5321 section 4.5.3.1.5 says 512; a base64 error after AUTH may be longer. */
const REPLY_LINE_LIMIT_OCTETS = 4_096;

/** Octets of an unexpected reply that an error tells. */
const UNREAD_LIMIT_OCTETS = 120;

const decoder = new TextDecoder("latin1");

/** Reads the replies of one upstream connection. */
export class ReplyReader {
  readonly #reader: WireReader;
  readonly #onHeard: () => void;
  /** Whether a read is pending although no reply is expected. */
  #listening = false;
  #ended = false;
  #replyCount = 0;

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
    return this.#reader.unread.length > 0;
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
    const lines: ReplyLine[] = [];
    do {
      if (lines.length === REPLY_LINES_LIMIT) throw new ReplySyntaxError("reply without end");
      const line = await this.#reader.readLine(REPLY_LINE_LIMIT_OCTETS);
      if (line === null) throw new Error("the submission server closed the connection");
      lines.push(parseReplyLine(decoder.decode(line)));
    } while (lines.at(-1)!.more);
    const reply = joinReplyLines(lines);
    this.#replyCount++;
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

/**
 * Reading an upstream's replies, and listening while none is expected.
 *
 * @module
 */
import { type Transport, WireReader } from "../net/mod.ts";
import {
  joinReplyLines,
  latin1,
  parseReplyLine,
  type Reply,
  REPLY_LINES_LIMIT,
  type ReplyLine,
  ReplySyntaxError,
  sanitise,
} from "../protocol/mod.ts";

/** RFC 5321 section 4.5.3.1.5 says 512; a base64 error after AUTH may be longer. */
const REPLY_LINE_LIMIT_OCTETS = 4_096;

/** Octets of an unexpected reply that an error shows. */
const UNREAD_LIMIT_OCTETS = 120;

/** Replies that recur, such as those to MAIL and RCPT, are short. Those with an id are longer. */
const KNOWN_LIMIT_OCTETS = 64;
const KNOWN_LIMIT = 8;

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
    return sanitise(latin1(this.#reader.unread.subarray(0, UNREAD_LIMIT_OCTETS)));
  }

  /** Number of replies so far. */
  get replyCount(): number {
    return this.#replyCount;
  }

  /**
   * Returns the next reply, at once if it has arrived.
   *
   * @throws {ReplySyntaxError} or {SmtpError} if it is malformed, or any error of the transport.
   */
  next(): Reply | Promise<Reply> {
    const line = this.#reader.readLine(REPLY_LINE_LIMIT_OCTETS);
    return line instanceof Promise ? line.then(this.#begun) : this.#begun(line);
  }

  readonly #begun = (line: Uint8Array | null): Reply | Promise<Reply> => {
    const first = this.#present(line);
    for (const known of this.#known) if (isSame(known.line, first)) return this.#count(known.reply);
    const parsed = parseReplyLine(latin1(first));
    if (parsed.more) return this.#parse([parsed]);
    return this.#count(this.#remember(first, joinReplyLines([parsed])));
  };

  #count(reply: Reply): Reply {
    this.#replyCount++;
    return reply;
  }

  #present(line: Uint8Array | null): Uint8Array {
    if (line === null) throw new Error("the submission server closed the connection");
    return line;
  }

  /** Parses a reply of several lines. @param lines The first one. */
  async #parse(lines: ReplyLine[]): Promise<Reply> {
    do {
      if (lines.length === REPLY_LINES_LIMIT) throw new ReplySyntaxError("the reply does not end");
      const line = this.#present(await this.#reader.readLine(REPLY_LINE_LIMIT_OCTETS));
      lines.push(parseReplyLine(latin1(line)));
    } while (lines.at(-1)!.more);
    return this.#count(joinReplyLines(lines));
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
    this.#reader.fill().then(this.#heard, this.#failed);
  }

  readonly #heard = (arrived: boolean): void => {
    this.#listening = false;
    if (!arrived) this.#ended = true;
    this.#onHeard();
  };

  readonly #failed = (): void => this.#heard(false);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

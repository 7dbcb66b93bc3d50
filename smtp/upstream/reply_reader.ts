/**
 * Reading an upstream's replies, with patience that ends.
 *
 * @module
 */
import {
  joinReplyLines,
  parseReplyLine,
  type Reply,
  REPLY_LINES_LIMIT,
  type ReplyLine,
  ReplySyntaxError,
  SmtpError,
  UpstreamError,
} from "../protocol/mod.ts";
import { type Transport, WireReader } from "../net/mod.ts";
import type { Deadline, Deadlines } from "./deadlines.ts";

/** RFC 5321 section 4.5.3.1.5 says 512; a base64 error after AUTH may be longer. */
const REPLY_LINE_LIMIT_OCTETS = 4_096;

const decoder = new TextDecoder("latin1");

/** Reads the replies of one upstream connection. */
export class ReplyReader {
  readonly #transport: Transport;
  readonly #reader: WireReader;
  /** The read that waits while the connection is idle or a message is sent. */
  #listening = false;
  #idleEnd: (() => void) | undefined;
  readonly #deadline: Deadline;
  #broken = false;
  #late = false;
  #replyCount = 0;

  constructor(transport: Transport, deadlines: Deadlines) {
    this.#transport = transport;
    this.#reader = new WireReader(transport);
    this.#deadline = deadlines.add(() => {
      this.#late = true;
      this.#transport.close();
    });
  }

  /** Whether the connection is of no more use. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Nothing will be read any more. */
  close(): void {
    this.#broken = true;
    this.#deadline.remove();
  }

  /** Whether the upstream has said something that was not read yet, or has hung up. */
  get ready(): boolean {
    return this.#broken || this.#reader.unread.length > 0;
  }

  /** Replies read so far. */
  get replyCount(): number {
    return this.#replyCount;
  }

  /** Whether octets have arrived that were not read yet. */
  get hasUnread(): boolean {
    return this.#reader.unread.length > 0;
  }

  /**
   * The next reply.
   *
   * @throws {UpstreamError} `timeout`, `closed` or `protocol`.
   */
  async next(seconds: number): Promise<Reply> {
    const reply = await this.within(seconds, () => this.#read(), "reply");
    this.#replyCount++;
    return reply;
  }

  async #read(): Promise<Reply> {
    const lines: ReplyLine[] = [];
    try {
      do {
        if (lines.length === REPLY_LINES_LIMIT) throw new ReplySyntaxError("reply without end");
        lines.push(parseReplyLine(await this.#readLine()));
      } while (lines.at(-1)!.more);
      return joinReplyLines(lines);
    } catch (cause) {
      if (!(cause instanceof ReplySyntaxError || cause instanceof SmtpError)) throw cause;
      throw new UpstreamError("protocol", cause.message, { cause });
    }
  }

  async #readLine(): Promise<string> {
    const line = await this.#reader.readLine(REPLY_LINE_LIMIT_OCTETS);
    if (line === null) {
      throw new UpstreamError("closed", "the submission server closed the connection");
    }
    return decoder.decode(line);
  }

  /** Listens while nothing is asked; calls back once when the connection ends or speaks unasked. */
  watchIdle(onEnd: () => void): void {
    this.#idleEnd = onEnd;
    this.listen();
  }

  /** Ends {@linkcode watchIdle}. */
  stopWatching(): void {
    this.#idleEnd = undefined;
  }

  /** Begins to listen, so that {@linkcode ready} tells what has arrived meanwhile. */
  listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    const heard = (arrived: boolean) => {
      this.#listening = false;
      if (!arrived) this.#broken = true;
      this.#idleEnd?.();
    };
    this.#reader.fill().then(heard, () => heard(false));
  }

  /**
   * Does something that needs the connection, and closes the connection when it takes too long.
   *
   * @throws {UpstreamError} `timeout`, or `closed` with what went wrong as its cause.
   */
  async within<T>(seconds: number, work: () => Promise<T>, what: string): Promise<T> {
    this.#deadline.set(seconds);
    try {
      return await work();
    } catch (cause) {
      if (this.#late) {
        throw new UpstreamError("timeout", `${what}: nothing within ${seconds} s`, { cause });
      }
      if (cause instanceof UpstreamError) throw cause;
      throw new UpstreamError("closed", `${what}: connection broke`, { cause });
    } finally {
      this.#deadline.clear();
    }
  }
}

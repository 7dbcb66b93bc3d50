/**
 * The conversation with the submission server over one connection: commands and replies, each with its timeout.
 *
 * @module
 */
import { type Clock, pause } from "../clock.ts";
import type { Transport } from "../net/mod.ts";
import {
  type Reply,
  ReplySyntaxError,
  SmtpError,
  UpstreamError,
  type UpstreamFault,
  type UpstreamStage,
  UTF8_LIMIT_OCTETS,
} from "../protocol/mod.ts";
import type { Deadline, Deadlines } from "./deadlines.ts";
import { ReplyReader } from "./reply_reader.ts";

/** Timeouts for the upstream, in seconds (RFC 5321 section 4.5.3.2). */
export const UPSTREAM_TIMEOUT_SECONDS = {
  /** Each of connection, greeting, TLS, EHLO and sign-in. */
  connect: 30,
  /**
   * MAIL and RCPT together. The client waits 300 seconds for the reply to RCPT, and must get ours before that (RFC 5321
   * section 4.5.3.2.3).
   */
  envelope: 240,
  /** The first reply after a connection was idle. It never comes if a firewall has dropped the connection. */
  afterIdle: 20,
  /** The reply to DATA. */
  dataStart: 120,
  /** Each piece of the message. */
  dataBlock: 180,
  /** The reply to the end of the message. */
  dataEnd: 600,
  /** RSET and QUIT. */
  housekeeping: 10,
} as const;

/** How long to listen for a reply that may be on its way. The shortest possible timer. */
const LISTEN_MS = 1;

/** At most this many octets are copied to be sent together: one TLS record. */
const TOGETHER_LIMIT_OCTETS = 16_384;

const encoder = new TextEncoder();

/** Commands and replies. After an {@linkcode UpstreamError} the connection is closed. */
export class Conversation {
  readonly #transport: Transport;
  readonly #replies: ReplyReader;
  readonly #deadline: Deadline;
  readonly #deadlines: Deadlines;
  readonly #clock: Clock;
  /** A reused buffer for octets that are sent together. */
  #outgoing: Uint8Array<ArrayBuffer> | undefined;
  /** The stage that errors get. */
  stage: UpstreamStage = "opening";
  /** Why we stopped waiting for the upstream. */
  #endedBecause: string | undefined;
  #limitSeconds = 0;
  /** The operation that has this limit. */
  #waitingFor = "";
  #closed = false;
  #onIdleEnd: (() => void) | undefined;

  constructor(transport: Transport, clock: Clock, deadlines: Deadlines) {
    this.#transport = transport;
    this.#clock = clock;
    this.#replies = new ReplyReader(transport, () => this.#endIdle());
    this.#deadlines = deadlines;
    this.#deadline = deadlines.add(() => this.#endWait());
  }

  /** Whether the connection is open, as far as is known, and the upstream has sent nothing unexpected. */
  get alive(): boolean {
    return !this.#closed && !this.#replies.ended && !this.#replies.hasUnread;
  }

  /** Number of replies so far. */
  get replyCount(): number {
    return this.#replies.replyCount;
  }

  /** Begins to listen, so that {@linkcode alive} stays up to date while no reply is expected. */
  listen(): void {
    this.#replies.listen();
  }

  /** Listens for a moment, so that octets that have arrived, but were not read yet, count as unread. */
  async listenAgain(): Promise<void> {
    this.listen();
    await pause(this.#clock, LISTEN_MS);
  }

  /** @throws {UpstreamError} if the upstream has closed the connection or sent an unexpected reply. */
  expectSilence(): void {
    if (this.#replies.hasUnread) {
      throw this.error("protocol", `unexpected reply: ${this.#replies.unreadText}`);
    }
    if (!this.alive) throw this.error("closed", "the submission server closed the connection");
  }

  /**
   * Accepts silence, the end of the connection, and 421, which may come at any time (RFC 5321 section 3.8).
   *
   * @throws {UpstreamError} if there is a second reply to the end of the message: nobody can say which is the verdict.
   */
  expectNoOther(): void {
    const { hasUnread, unreadText } = this.#replies;
    if (hasUnread && !unreadText.startsWith("421")) this.expectSilence();
  }

  /** Calls back once when the idle connection ends, sends something, or has been idle for too long. */
  watchIdle(seconds: number, onEnd: () => void): void {
    this.#onIdleEnd = onEnd;
    this.#deadline.set(seconds);
    this.#replies.listen();
  }

  /** Ends {@linkcode watchIdle}: the connection is in use again. */
  stopWatching(): void {
    this.#onIdleEnd = undefined;
    this.#deadline.clear();
  }

  #endIdle(): void {
    const onEnd = this.#onIdleEnd;
    this.#onIdleEnd = undefined;
    onEnd?.();
  }

  /** Ends the connection when a reply is late, the idle time is over, or the server stops. */
  #endWait(): void {
    if (this.#onIdleEnd !== undefined) return this.#endIdle();
    this.giveUp(`nothing within ${this.#limitSeconds} s`);
  }

  /** Closes the connection, so that a pending operation fails as a timeout. */
  giveUp(because: string): void {
    this.#endedBecause = because;
    this.#transport.close();
  }

  /** Sends one command and returns its reply. */
  async command(line: string, seconds: number): Promise<Reply> {
    await this.send(line, seconds);
    return await this.reply(seconds);
  }

  /** Sends commands. @throws {UpstreamError} if there is an unexpected reply. */
  send(lines: string, seconds: number): Promise<void> {
    if (this.#replies.hasUnread) this.expectSilence();
    const isShort = lines.length * UTF8_LIMIT_OCTETS <= TOGETHER_LIMIT_OCTETS;
    const octets = isShort ? this.#gather(lines) : encoder.encode(lines);
    return this.within(seconds, this.#transport.write(octets), "sending");
  }

  /** Sends a piece of a message. */
  sendBlock(octets: Uint8Array): Promise<void> {
    const written = this.#transport.write(octets);
    return this.within(UPSTREAM_TIMEOUT_SECONDS.dataBlock, written, "sending");
  }

  /** Sends two pieces of a message, in one packet if they are small: a copy costs less than another packet. */
  sendTogether(first: string | Uint8Array, second: Uint8Array): Promise<void> {
    if (first.length + second.length <= TOGETHER_LIMIT_OCTETS) {
      return this.sendBlock(this.#gather(first, second));
    }
    const sent = this.sendBlock(typeof first === "string" ? this.#gather(first) : first);
    return sent.then(() => this.sendBlock(second));
  }

  /** Copies octets to the reused buffer. The result is valid until the next write. */
  #gather(first: string | Uint8Array, second?: Uint8Array): Uint8Array {
    const out = this.#outgoing ??= new Uint8Array(TOGETHER_LIMIT_OCTETS);
    let length = first.length;
    if (typeof first === "string") length = encoder.encodeInto(first, out).written;
    else out.set(first);
    if (second === undefined) return out.subarray(0, length);
    out.set(second, length);
    return out.subarray(0, length + second.length);
  }

  /** Returns the next reply, at once if it has arrived. */
  reply(seconds: number): Reply | Promise<Reply> {
    this.#waitingFor = "reply";
    try {
      const reply = this.#replies.next();
      return reply instanceof Promise ? this.within(seconds, reply, "reply") : reply;
    } catch (cause) {
      throw this.#asError(cause);
    }
  }

  /** Returns a reply that must be final: 2yz, 4yz or 5yz. */
  final(reply: Reply): Reply {
    if (reply.intermediate) throw this.error("protocol", `unexpected reply ${reply.code}`);
    return reply;
  }

  /**
   * Waits for an operation. Closes the connection if it takes too long.
   *
   * @throws {UpstreamError}
   */
  within<T>(seconds: number, work: Promise<T>, what: string): Promise<T> {
    this.#deadline.set(seconds);
    this.#limitSeconds = seconds;
    this.#waitingFor = what;
    return work.then(this.#inTime, this.#failed) as Promise<T>;
  }

  readonly #inTime = (result: unknown): unknown => {
    this.#deadline.clear();
    return result;
  };

  readonly #failed = (cause: unknown): never => {
    this.#deadline.clear();
    throw this.#asError(cause);
  };

  #asError(cause: unknown): UpstreamError {
    const what = this.#waitingFor;
    if (this.#deadlines.stopped) return this.error("stopped", "the server is stopping", cause);
    const because = this.#endedBecause;
    if (because !== undefined) return this.error("timeout", `${what}: ${because}`, cause);
    if (cause instanceof UpstreamError) return cause;
    return cause instanceof ReplySyntaxError || cause instanceof SmtpError
      ? this.error("protocol", cause.message, cause)
      : this.error("closed", `${what}: connection broke`, cause);
  }

  /** Returns an error with the current stage. */
  error(fault: UpstreamFault, message: string, cause?: unknown): UpstreamError {
    return new UpstreamError(fault, message, { cause, stage: this.stage });
  }

  /**
   * Closes the connection after any error, so that nothing incomplete is continued.
   *
   * @param signal Its abort gives the connection up; the reason is an error.
   */
  guard<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
    const guarded = work.catch((error) => {
      this.close();
      throw error;
    });
    return signal === undefined ? guarded : this.#unlessAborted(guarded, signal);
  }

  async #unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
    const giveUp = () => this.giveUp(signal.reason.message);
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    try {
      return await work;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  /** Closes the connection at once. An incomplete message is not accepted. */
  close(): void {
    this.#closed = true;
    this.#deadline.remove();
    this.#transport.close();
  }
}

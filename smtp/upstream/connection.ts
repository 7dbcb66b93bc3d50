/**
 * One connection to the submission server.
 *
 * Replies of the upstream, positive or negative, are returned. After an {@linkcode UpstreamError} the connection is closed.
 *
 * @module
 */
import { abortAfter, type Clock } from "../clock.ts";
import type { MessageBody, SubmissionTarget } from "../backend.ts";
import type { Dialer, Transport } from "../net/mod.ts";
import {
  concat,
  type Extensions,
  formatMail,
  formatRcpt,
  type Mail,
  type Recipient,
  type Reply,
  ReplySyntaxError,
  SmtpError,
  UpstreamError,
  type UpstreamFault,
  type UpstreamStage,
  xoauth2Response,
} from "../protocol/mod.ts";
import type { Deadline, Deadlines } from "./deadlines.ts";
import { ReplyReader } from "./reply_reader.ts";

/** Timeouts for the upstream, in seconds (RFC 5321 section 4.5.3.2). */
export const UPSTREAM_TIMEOUT_SECONDS = {
  /** Each of connection, greeting, TLS, EHLO and sign-in. */
  connect: 30,
  /** MAIL and RCPT. */
  envelope: 300,
  /** The first reply after a connection was idle: if a firewall has forgotten it, none ever comes. */
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

/** Largest piece that is copied behind its BDAT line: that costs less than a second packet. */
const COALESCE_LIMIT_OCTETS = 16_384;

/** Most BDAT commands without a reply yet (RFC 3030 section 4.2). */
const CHUNK_WINDOW = 4;

const encoder = new TextEncoder();
const END_OF_DATA = encoder.encode(".\r\n");

/** Options of a connection. */
export interface UpstreamOptions {
  readonly target: SubmissionTarget;
  /** Our own name for EHLO, never the client's. */
  readonly greetingName: string;
  readonly dialer: Dialer;
  /** Shared by all connections. */
  readonly deadlines: Deadlines;
  readonly clock: Clock;
}

/** The result of sending a message. */
export interface DataResult {
  readonly reply: Reply;
  /** Whether the connection can be used for another transaction. */
  readonly clean: boolean;
}

/** One connection to the submission server. */
export class UpstreamConnection {
  readonly openedMs: number;
  readonly #transport: Transport;
  readonly #replies: ReplyReader;
  readonly #deadline: Deadline;
  readonly #deadlines: Deadlines;
  #extensions: Extensions = new Map();
  #stage: UpstreamStage = "opening";
  #late = false;
  #closed = false;
  #onIdleEnd: (() => void) | undefined;

  private constructor(transport: Transport, { clock, deadlines }: UpstreamOptions) {
    this.#transport = transport;
    this.#replies = new ReplyReader(transport, () => this.#endIdle());
    this.#deadlines = deadlines;
    this.#deadline = deadlines.add(() => this.#endWait());
    this.openedMs = clock.now();
  }

  /**
   * Connects, upgrades to TLS with a verified certificate, and sends EHLO.
   *
   * @throws {UpstreamError}
   */
  static async open(options: UpstreamOptions): Promise<UpstreamConnection> {
    const connection = new UpstreamConnection(await dial(options), options);
    await connection.#guard(connection.#begin(options.greetingName));
    return connection;
  }

  async #begin(greetingName: string): Promise<void> {
    await this.#expect(await this.#reply(UPSTREAM_TIMEOUT_SECONDS.connect), 220);
    await this.#ehlo(greetingName);
    if (this.#transport.secure) return;
    await this.#startTls();
    await this.#ehlo(greetingName);
  }

  /** Whether the connection is open, as far as is known. */
  get alive(): boolean {
    return !this.#closed && !this.#replies.ended;
  }

  /** Number of replies so far. */
  get replyCount(): number {
    return this.#replies.replyCount;
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

  /** Ends the connection when the upstream is too late, the idle time is over, or the server stops. */
  #endWait(): void {
    if (this.#onIdleEnd !== undefined) return this.#endIdle();
    this.#late = true;
    this.#transport.close();
  }

  /**
   * Signs in with XOAUTH2 and returns the final reply. A failure may begin with a 334, which is answered with an empty line.
   */
  authenticate(signInName: string, accessToken: string): Promise<Reply> {
    return this.#guard(this.#signIn(signInName, accessToken));
  }

  async #signIn(signInName: string, accessToken: string): Promise<Reply> {
    const seconds = UPSTREAM_TIMEOUT_SECONDS.connect;
    const response = xoauth2Response(signInName, accessToken);
    const reply = await this.#command(`AUTH XOAUTH2 ${response}\r\n`, seconds);
    return reply.code === 334 ? await this.#command("\r\n", seconds) : reply;
  }

  /**
   * Sends MAIL, if given, and RCPT commands, in one packet if the upstream allows it (RFC 2920).
   *
   * @param firstSeconds Timeout of the first reply.
   */
  envelope(
    mail: Mail | undefined,
    recipients: readonly Recipient[],
    firstSeconds: number = UPSTREAM_TIMEOUT_SECONDS.envelope,
  ): Promise<Reply[]> {
    this.#stage = "transaction";
    const commands = recipients.map((recipient) => formatRcpt(recipient, this.#extensions));
    if (mail !== undefined) commands.unshift(formatMail(mail, this.#extensions));
    return this.#guard(this.#sendEnvelope(commands, firstSeconds));
  }

  async #sendEnvelope(commands: readonly string[], firstSeconds: number): Promise<Reply[]> {
    const replies: Reply[] = [];
    const pipelining = this.#extensions.has("PIPELINING");
    let seconds = firstSeconds;
    if (pipelining) await this.#send(encoder.encode(commands.join("")), seconds);
    for (const command of commands) {
      if (!pipelining) await this.#send(encoder.encode(command), seconds);
      const reply = this.#final(await this.#reply(seconds));
      if (reply.code === 421) {
        // The upstream closes the connection (RFC 5321 section 3.8), which answers the rest as well.
        this.close();
        return commands.map((_, index) => replies[index] ?? reply);
      }
      replies.push(reply);
      seconds = UPSTREAM_TIMEOUT_SECONDS.envelope;
    }
    this.#replies.listen();
    return replies;
  }

  /** Whether the upstream supports an extension. */
  supports(keyword: string): boolean {
    return this.#extensions.has(keyword);
  }

  /** Returns the parameters of an extension, such as the mechanisms of AUTH. */
  parametersOf(keyword: string): string {
    return this.#extensions.get(keyword) ?? "";
  }

  /**
   * Streams a message, as BDAT if offered, and returns the upstream's verdict.
   *
   * @throws {UpstreamError} Its stage tells whether the upstream may have accepted the message. Any error of the body: the
   * connection is closed then, before the end of the message.
   */
  data(body: MessageBody): Promise<DataResult> {
    const chunking = this.#extensions.has("CHUNKING");
    return this.#guard(chunking ? this.#sendChunks(body) : this.#sendData(body));
  }

  async #sendChunks(body: MessageBody): Promise<DataResult> {
    let outstanding = 0;
    for (;;) {
      const { octets, last } = await body.next("plain");
      if (octets.length === 0 && !last) continue;
      // All chunks have to be accepted before the last is sent: the upstream must not accept a message with a gap.
      const window = last ? 0 : CHUNK_WINDOW;
      while (outstanding > window || (outstanding > 0 && this.#heard)) {
        const reply = await this.#reply(UPSTREAM_TIMEOUT_SECONDS.dataBlock);
        outstanding--;
        if (!this.#final(reply).positive) return { reply, clean: false };
      }
      this.#replies.listen();
      if (this.#heard) return { reply: await this.#earlyRefusal(), clean: false };
      if (last) this.#stage = "verdict";
      await this.#sendChunk(octets, last);
      if (last) break;
      outstanding++;
    }
    const reply = this.#final(await this.#reply(UPSTREAM_TIMEOUT_SECONDS.dataEnd));
    // After a refused chunk the upstream's state is undefined without RSET (RFC 3030 section 2).
    return { reply, clean: reply.positive };
  }

  async #sendChunk(octets: Uint8Array, last: boolean): Promise<void> {
    const line = encoder.encode(`BDAT ${octets.length}${last ? " LAST" : ""}\r\n`);
    if (octets.length <= COALESCE_LIMIT_OCTETS) return await this.#sendBlock(concat(line, octets));
    await this.#sendBlock(line);
    await this.#sendBlock(octets);
  }

  async #sendData(body: MessageBody): Promise<DataResult> {
    const go = await this.#command("DATA\r\n", UPSTREAM_TIMEOUT_SECONDS.dataStart);
    // After a refused DATA some servers keep the transaction open, others do not.
    if (go.code !== 354) return { reply: this.#final(go), clean: false };
    this.#replies.listen();
    for (;;) {
      const { octets, last } = await body.next("stuffed");
      this.#replies.listen();
      if (this.#heard) return { reply: await this.#earlyRefusal(), clean: false };
      if (!last) {
        if (octets.length > 0) await this.#sendBlock(octets);
        continue;
      }
      this.#stage = "verdict";
      if (octets.length <= COALESCE_LIMIT_OCTETS) {
        await this.#sendBlock(concat(octets, END_OF_DATA));
      } else {
        await this.#sendBlock(octets);
        await this.#sendBlock(END_OF_DATA);
      }
      return {
        reply: this.#final(await this.#reply(UPSTREAM_TIMEOUT_SECONDS.dataEnd)),
        clean: true,
      };
    }
  }

  /** Reads a refusal before the end of the message. Any other reply must not be taken for the verdict. */
  async #earlyRefusal(): Promise<Reply> {
    const reply = await this.#reply(UPSTREAM_TIMEOUT_SECONDS.dataBlock);
    if (reply.code < 400) throw this.#error("protocol", "reply before the end of the message");
    return reply;
  }

  /** Aborts the transaction. */
  reset(): Promise<void> {
    const replied = this.#command("RSET\r\n", UPSTREAM_TIMEOUT_SECONDS.housekeeping);
    return this.#guard(replied.then((reply) => this.#expect(reply, 250)));
  }

  /** Sends QUIT and closes the connection. Never rejects. */
  async quit(): Promise<void> {
    try {
      if (!this.#heard) await this.#command("QUIT\r\n", UPSTREAM_TIMEOUT_SECONDS.housekeeping);
    } catch {
      // The upstream has already closed the connection, which was the purpose.
    } finally {
      this.close();
    }
  }

  /** Closes the connection at once. An incomplete message is not accepted. */
  close(): void {
    this.#closed = true;
    this.#deadline.remove();
    this.#transport.close();
  }

  async #startTls(): Promise<void> {
    if (!this.#extensions.has("STARTTLS")) {
      throw this.#error("insecure", "the submission server offers no STARTTLS: no token is sent");
    }
    const seconds = UPSTREAM_TIMEOUT_SECONDS.connect;
    await this.#expect(await this.#command("STARTTLS\r\n", seconds), 220);
    // An attacker's octets behind the 220 would be taken for a reply under TLS (CVE-2021-38371 and others).
    if (this.#replies.hasUnread) {
      throw this.#error("protocol", "plain text after the reply to STARTTLS");
    }
    await this.#within(seconds, this.#transport.startTls(), "TLS handshake");
    this.#extensions = new Map();
  }

  async #ehlo(name: string): Promise<void> {
    const reply = await this.#command(`EHLO ${name}\r\n`, UPSTREAM_TIMEOUT_SECONDS.connect);
    await this.#expect(reply, 250);
    this.#extensions = new Map(
      reply.lines.slice(1).map((line) => {
        const [keyword = "", ...words] = line.split(" ");
        return [keyword.toUpperCase(), words.join(" ")];
      }),
    );
  }

  async #expect(reply: Reply, code: number): Promise<void> {
    if (reply.code === code) return;
    await this.quit();
    throw this.#error("unreachable", `the submission server said: ${reply}`);
  }

  async #command(line: string, seconds: number): Promise<Reply> {
    await this.#send(encoder.encode(line), seconds);
    return await this.#reply(seconds);
  }

  /** Sends commands. @throws {UpstreamError} if there is an unexpected reply. */
  #send(octets: Uint8Array, seconds: number): Promise<void> {
    if (this.#replies.hasUnread) throw this.#error("protocol", "a reply that nobody asked for");
    return this.#within(seconds, this.#transport.write(octets), "sending");
  }

  #sendBlock(octets: Uint8Array): Promise<void> {
    const written = this.#transport.write(octets);
    return this.#within(UPSTREAM_TIMEOUT_SECONDS.dataBlock, written, "sending");
  }

  #reply(seconds: number): Promise<Reply> {
    return this.#within(seconds, this.#replies.next(), "reply");
  }

  /** Whether the upstream has sent something unread, or has closed the connection. */
  get #heard(): boolean {
    return !this.alive || this.#replies.hasUnread;
  }

  /**
   * Waits for an operation of the connection, which is closed when that takes too long.
   *
   * @throws {UpstreamError}
   */
  async #within<T>(seconds: number, work: Promise<T>, what: string): Promise<T> {
    this.#deadline.set(seconds);
    try {
      return await work;
    } catch (cause) {
      if (this.#deadlines.stopped) throw this.#error("stopped", "the server is stopping", cause);
      if (this.#late) throw this.#error("timeout", `${what}: nothing within ${seconds} s`, cause);
      if (cause instanceof UpstreamError) throw cause;
      throw cause instanceof ReplySyntaxError || cause instanceof SmtpError
        ? this.#error("protocol", cause.message, cause)
        : this.#error("closed", `${what}: connection broke`, cause);
    } finally {
      this.#deadline.clear();
    }
  }

  /** Returns a reply that has to be final: 2yz, 4yz or 5yz. */
  #final(reply: Reply): Reply {
    if (reply.intermediate) throw this.#error("protocol", `unexpected reply ${reply.code}`);
    return reply;
  }

  #error(fault: UpstreamFault, message: string, cause?: unknown): UpstreamError {
    return new UpstreamError(fault, message, { cause, stage: this.#stage });
  }

  /** Closes the connection after any error, so that nothing incomplete is ever continued. */
  async #guard<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.close();
      throw error;
    }
  }
}

async function dial({ target, dialer, clock }: UpstreamOptions): Promise<Transport> {
  const { host, port } = target;
  using timeout = abortAfter(clock, UPSTREAM_TIMEOUT_SECONDS.connect * 1000);
  try {
    const destination = { host, port, implicitTls: target.tls === "implicit" };
    return await dialer.connect(destination, timeout.signal);
  } catch (cause) {
    if (cause instanceof UpstreamError) throw cause;
    throw new UpstreamError("unreachable", `no connection to ${host}:${port}`, { cause });
  }
}

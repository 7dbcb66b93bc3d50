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
  type Extensions,
  formatMail,
  formatRcpt,
  type Mail,
  type Recipient,
  type Reply,
  UpstreamError,
  xoauth2Response,
} from "../protocol/mod.ts";
import { Conversation, UPSTREAM_TIMEOUT_SECONDS } from "./conversation.ts";
import { Deadlines } from "./deadlines.ts";
import { type DataResult, MessageSender } from "./message.ts";

/** Options of a connection. */
export interface UpstreamOptions {
  readonly target: SubmissionTarget;
  /** Our own name for EHLO, never the client's. */
  readonly greetingName: string;
  readonly dialer: Dialer;
  /** Shared by many connections. Default: the connection has its own. */
  readonly deadlines?: Deadlines;
  readonly clock: Clock;
  /** Its abort gives the connection up; the reason is an {@linkcode UpstreamError}. */
  readonly signal?: AbortSignal;
}

/** One connection to the submission server. */
export class UpstreamConnection {
  readonly openedMs: number;
  readonly #transport: Transport;
  readonly #conversation: Conversation;
  #extensions: Extensions = new Map();

  private constructor(
    transport: Transport,
    { clock, deadlines = new Deadlines(clock) }: UpstreamOptions,
  ) {
    this.#transport = transport;
    this.#conversation = new Conversation(transport, clock, deadlines);
    this.openedMs = clock.now();
  }

  /**
   * Connects, upgrades to TLS with a verified certificate, and sends EHLO.
   *
   * @throws {UpstreamError}
   */
  static async open(options: UpstreamOptions): Promise<UpstreamConnection> {
    const connection = new UpstreamConnection(await dial(options), options);
    const begun = connection.#begin(options.greetingName);
    await connection.#conversation.guard(begun, options.signal);
    return connection;
  }

  async #begin(greetingName: string): Promise<void> {
    const greeting = await this.#conversation.reply(UPSTREAM_TIMEOUT_SECONDS.connect);
    await this.#expect(greeting, 220);
    await this.#ehlo(greetingName);
    if (this.#transport.secure) return;
    await this.#startTls();
    await this.#ehlo(greetingName);
  }

  async #startTls(): Promise<void> {
    if (!this.#extensions.has("STARTTLS")) {
      throw this.#conversation.error(
        "insecure",
        "the submission server offers no STARTTLS: no token is sent",
      );
    }
    const seconds = UPSTREAM_TIMEOUT_SECONDS.connect;
    await this.#expect(await this.#conversation.command("STARTTLS\r\n", seconds), 220);
    // Octets that an attacker adds behind the 220 would be read as a reply under TLS (CVE-2021-38371 and others).
    this.#conversation.expectSilence();
    await this.#conversation.within(seconds, this.#transport.startTls(), "TLS handshake");
    this.#extensions = new Map();
  }

  async #ehlo(name: string): Promise<void> {
    const { connect } = UPSTREAM_TIMEOUT_SECONDS;
    const reply = await this.#conversation.command(`EHLO ${name}\r\n`, connect);
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
    const { stage } = this.#conversation;
    throw new UpstreamError("unreachable", `the submission server said: ${reply}`, {
      stage,
      said: reply,
    });
  }

  /** Whether the connection is open, as far as is known. */
  get alive(): boolean {
    return this.#conversation.alive;
  }

  /** Number of replies so far. */
  get replyCount(): number {
    return this.#conversation.replyCount;
  }

  /** Whether the upstream supports an extension. */
  supports(keyword: string): boolean {
    return this.#extensions.has(keyword);
  }

  /** Returns the parameters of an extension, such as the mechanisms of AUTH. */
  parametersOf(keyword: string): string {
    return this.#extensions.get(keyword) ?? "";
  }

  /** Calls back once when the idle connection ends, sends something, or has been idle for too long. */
  watchIdle(seconds: number, onEnd: () => void): void {
    this.#conversation.watchIdle(seconds, onEnd);
  }

  /** Ends {@linkcode watchIdle}: the connection is in use again. */
  stopWatching(): void {
    this.#conversation.stopWatching();
  }

  /**
   * Signs in with XOAUTH2 and returns the final reply. A failure can begin with a 334, which is answered with an empty line.
   *
   * @param signal As in {@linkcode UpstreamOptions}.
   */
  authenticate(signInName: string, accessToken: string, signal?: AbortSignal): Promise<Reply> {
    return this.#conversation.guard(this.#signIn(signInName, accessToken), signal);
  }

  async #signIn(signInName: string, accessToken: string): Promise<Reply> {
    const seconds = UPSTREAM_TIMEOUT_SECONDS.connect;
    const response = xoauth2Response(signInName, accessToken);
    const reply = await this.#conversation.command(`AUTH XOAUTH2 ${response}\r\n`, seconds);
    const isLast = reply.code !== 334;
    return this.#conversation.final(
      isLast ? reply : await this.#conversation.command("\r\n", seconds),
    );
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
    this.#conversation.stage = "transaction";
    const commands = recipients.map((recipient) => formatRcpt(recipient, this.#extensions));
    if (mail !== undefined) commands.unshift(formatMail(mail, this.#extensions));
    return this.#conversation.guard(this.#sendEnvelope(commands, firstSeconds));
  }

  async #sendEnvelope(commands: readonly string[], firstSeconds: number): Promise<Reply[]> {
    const conversation = this.#conversation;
    const replies: Reply[] = [];
    const pipelining = this.#extensions.has("PIPELINING");
    let seconds = firstSeconds;
    if (pipelining) await conversation.send(commands.join(""), seconds);
    for (const command of commands) {
      if (!pipelining) await conversation.send(command, seconds);
      const awaited = conversation.reply(seconds);
      const reply = conversation.final(awaited instanceof Promise ? await awaited : awaited);
      if (reply.code === 421) {
        // The upstream closes the connection (RFC 5321 section 3.8): this is the reply to the rest, too.
        this.close();
        return commands.map((_, index) => replies[index] ?? reply);
      }
      replies.push(reply);
      seconds = UPSTREAM_TIMEOUT_SECONDS.envelope;
    }
    conversation.listen();
    return replies;
  }

  /**
   * Streams a message, as BDAT if offered, and returns the upstream's verdict.
   *
   * @throws {UpstreamError} Its stage tells whether the upstream may have accepted the message. After an error of the body,
   * the connection is closed before the end of the message.
   */
  data(body: MessageBody): Promise<DataResult> {
    const sender = new MessageSender(this.#conversation, body);
    const chunking = this.#extensions.has("CHUNKING");
    return this.#conversation.guard(chunking ? sender.sendChunks() : sender.sendData());
  }

  /** Aborts the transaction. */
  reset(): Promise<void> {
    const replied = this.#conversation.command("RSET\r\n", UPSTREAM_TIMEOUT_SECONDS.housekeeping);
    return this.#conversation.guard(replied.then((reply) => this.#expect(reply, 250)));
  }

  /** Sends QUIT and closes the connection. Never rejects. */
  async quit(): Promise<void> {
    try {
      if (this.alive) {
        await this.#conversation.command("QUIT\r\n", UPSTREAM_TIMEOUT_SECONDS.housekeeping);
      }
    } catch {
      // The upstream has already closed the connection.
    } finally {
      this.close();
    }
  }

  /** Closes the connection at once. An incomplete message is not accepted. */
  close(): void {
    this.#conversation.close();
  }
}

async function dial({ target, dialer, clock, signal }: UpstreamOptions): Promise<Transport> {
  const { host, port } = target;
  using timeout = abortAfter(clock, UPSTREAM_TIMEOUT_SECONDS.connect * 1000);
  const signals = signal === undefined ? [timeout.signal] : [timeout.signal, signal];
  try {
    signal?.throwIfAborted();
    const destination = { host, port, implicitTls: target.tls === "implicit" };
    return await dialer.connect(destination, AbortSignal.any(signals));
  } catch (cause) {
    if (cause instanceof UpstreamError) throw cause;
    throw new UpstreamError("unreachable", `no connection to ${host}:${port}`, { cause });
  }
}

/**
 * The upstream side: one authenticated connection to the submission server.
 *
 * Errors are {@linkcode UpstreamError}s: after one, the connection is closed and of no more use. Replies of the upstream,
 * good or bad, are returned.
 *
 * @module
 */
import type { MessageBody, SubmissionTarget } from "../backend.ts";
import {
  concat,
  type Extensions,
  formatMail,
  formatRcpt,
  type Mail,
  type Recipient,
  type Reply,
  UpstreamError,
  xoauth2Response,
} from "../protocol/mod.ts";
import type { Deadlines } from "./deadlines.ts";
import { ReplyReader } from "./reply_reader.ts";
import type { Dialer, Transport } from "../net/mod.ts";

/** How long the upstream may take, in seconds (RFC 5321 section 4.5.3.2). */
export const UPSTREAM_TIMEOUT_SECONDS = {
  /** Connection, greeting, TLS, EHLO and sign-in, each. */
  connect: 30,
  /** MAIL and RCPT. */
  envelope: 300,
  /** The first reply on a connection that was idle: a firewall may have forgotten it, and then nothing ever comes back. */
  afterIdle: 20,
  /** The reply to DATA. */
  dataStart: 120,
  /** Each piece of the message. */
  dataBlock: 180,
  /** The reply to the end of the message. */
  dataEnd: 600,
  /** RSET, and QUIT before we hang up. */
  housekeeping: 10,
} as const;

/** Pieces up to this size are sent together with their BDAT line; copying them costs less than a second packet. */
const COALESCE_LIMIT_OCTETS = 16_384;

/** BDAT commands whose replies may be outstanding (RFC 3030 section 4.2). */
const CHUNK_WINDOW = 4;

const encoder = new TextEncoder();
const END_OF_DATA = encoder.encode(".\r\n");

/** How to reach an upstream. */
export interface UpstreamOptions {
  readonly target: SubmissionTarget;
  /** Our own name for EHLO; never the client's. */
  readonly greetingName: string;
  readonly dialer: Dialer;
  /** Shared by all connections. */
  readonly deadlines: Deadlines;
  readonly now: () => number;
}

/** What became of a message that was sent. */
export interface DataResult {
  readonly reply: Reply;
  /** Whether the connection may carry another transaction. */
  readonly clean: boolean;
}

/** One connection to the submission server. */
export class UpstreamConnection {
  readonly openedMs: number;
  readonly #transport: Transport;
  readonly #replies: ReplyReader;
  #extensions: Extensions = new Map();

  private constructor(transport: Transport, { now, deadlines }: UpstreamOptions) {
    this.#transport = transport;
    this.#replies = new ReplyReader(transport, deadlines);
    this.openedMs = now();
  }

  /**
   * Connects, upgrades to TLS with the certificate verified, and says EHLO.
   *
   * @throws {UpstreamError}
   */
  static async open(options: UpstreamOptions): Promise<UpstreamConnection> {
    const transport = await dial(options);
    const connection = new UpstreamConnection(transport, options);
    return await connection.#guard(async () => {
      await connection.#expect(
        await connection.#replies.next(UPSTREAM_TIMEOUT_SECONDS.connect),
        220,
      );
      await connection.#ehlo(options.greetingName);
      if (!transport.secure) {
        await connection.#startTls();
        await connection.#ehlo(options.greetingName);
      }
      return connection;
    });
  }

  /** Whether nothing has been heard that would make the connection unusable. */
  get alive(): boolean {
    return !this.#replies.broken;
  }

  /** Replies received so far. */
  get replyCount(): number {
    return this.#replies.replyCount;
  }

  /** Calls back once when the connection ends, or the upstream says something unasked, while it is idle. */
  watchIdle(onEnd: () => void): void {
    this.#replies.watchIdle(onEnd);
  }

  /** The connection is in use again. */
  stopWatching(): void {
    this.#replies.stopWatching();
  }

  /**
   * Signs in with XOAUTH2. Both failure forms end in the failure's reply: the direct one, and the one with a 334 that has
   * to be answered by an empty line.
   */
  async authenticate(signInName: string, accessToken: string): Promise<Reply> {
    const seconds = UPSTREAM_TIMEOUT_SECONDS.connect;
    return await this.#guard(async () => {
      const response = xoauth2Response(signInName, accessToken);
      const reply = await this.#command(`AUTH XOAUTH2 ${response}\r\n`, seconds);
      return reply.code === 334 ? await this.#command("\r\n", seconds) : reply;
    });
  }

  /**
   * Sends MAIL (when given) and RCPT commands in one packet where the upstream allows it (RFC 2920).
   *
   * @param firstSeconds How long the first reply may take.
   */
  async envelope(
    mail: Mail | undefined,
    recipients: readonly Recipient[],
    firstSeconds: number = UPSTREAM_TIMEOUT_SECONDS.envelope,
  ): Promise<Reply[]> {
    const commands = [
      ...(mail === undefined ? [] : [formatMail(mail, this.#extensions)]),
      ...recipients.map((recipient) => formatRcpt(recipient, this.#extensions)),
    ];
    return await this.#guard(async () => {
      const replies: Reply[] = [];
      const pipelining = this.#extensions.has("PIPELINING");
      let seconds = firstSeconds;
      if (pipelining) await this.#send(encoder.encode(commands.join("")), seconds);
      for (const command of commands) {
        if (!pipelining) await this.#send(encoder.encode(command), seconds);
        const reply = final(await this.#replies.next(seconds));
        if (reply.code === 421) {
          // The upstream hangs up (RFC 5321 section 3.8): that is its answer to the rest as well.
          this.close();
          return commands.map((_, index) => replies[index] ?? reply);
        }
        replies.push(reply);
        seconds = UPSTREAM_TIMEOUT_SECONDS.envelope;
      }
      this.#replies.listen();
      return replies;
    });
  }

  /** Whether the upstream supports an extension. */
  supports(keyword: string): boolean {
    return this.#extensions.has(keyword);
  }

  /** What its EHLO reply says behind a keyword, such as the mechanisms of AUTH. */
  parametersOf(keyword: string): string {
    return this.#extensions.get(keyword) ?? "";
  }

  /**
   * Streams a message, as BDAT where offered, and returns the upstream's verdict. When the body throws, the connection is
   * closed before the end of the message was sent, and the error is passed on.
   *
   * @param onComplete Called just before the end of the message is sent: from then on the upstream may accept it.
   */
  async data(body: MessageBody, onComplete: () => void): Promise<DataResult> {
    return await this.#guard(() =>
      this.#extensions.has("CHUNKING")
        ? this.#sendChunks(body, onComplete)
        : this.#sendData(body, onComplete)
    );
  }

  async #sendChunks(body: MessageBody, onComplete: () => void): Promise<DataResult> {
    let outstanding = 0;
    for (;;) {
      const { octets, last } = await body.next("plain");
      if (octets.length === 0 && !last) continue;
      // Before the end of it, all that went before has to be accepted: the upstream must not take a message with a hole.
      const window = last ? 0 : CHUNK_WINDOW;
      while (outstanding > window || (outstanding > 0 && this.#replies.ready)) {
        const reply = await this.#replies.next(UPSTREAM_TIMEOUT_SECONDS.dataBlock);
        outstanding--;
        if (!final(reply).positive) return { reply, clean: false };
      }
      const early = await this.#earlyVerdict();
      if (early !== undefined) return { reply: early, clean: false };
      if (last) onComplete();
      await this.#sendChunk(octets, last);
      if (last) break;
      outstanding++;
    }
    const reply = final(await this.#replies.next(UPSTREAM_TIMEOUT_SECONDS.dataEnd));
    // After a refused chunk the upstream's state is not defined without RSET (RFC 3030 section 2).
    return { reply, clean: reply.positive };
  }

  async #sendChunk(octets: Uint8Array, last: boolean): Promise<void> {
    const line = encoder.encode(`BDAT ${octets.length}${last ? " LAST" : ""}\r\n`);
    if (octets.length <= COALESCE_LIMIT_OCTETS) return await this.#sendBlock(concat(line, octets));
    await this.#sendBlock(line);
    await this.#sendBlock(octets);
  }

  async #sendData(body: MessageBody, onComplete: () => void): Promise<DataResult> {
    const go = await this.#command("DATA\r\n", UPSTREAM_TIMEOUT_SECONDS.dataStart);
    // After a refused DATA some servers keep the transaction open, and others do not.
    if (go.code !== 354) return { reply: final(go), clean: false };
    this.#replies.listen();
    for (;;) {
      const { octets, last } = await body.next("stuffed");
      const early = await this.#earlyVerdict();
      if (early !== undefined) return { reply: early, clean: false };
      if (!last) {
        if (octets.length > 0) await this.#sendBlock(octets);
        continue;
      }
      onComplete();
      if (octets.length <= COALESCE_LIMIT_OCTETS) {
        await this.#sendBlock(concat(octets, END_OF_DATA));
      } else {
        await this.#sendBlock(octets);
        await this.#sendBlock(END_OF_DATA);
      }
      return {
        reply: final(await this.#replies.next(UPSTREAM_TIMEOUT_SECONDS.dataEnd)),
        clean: true,
      };
    }
  }

  /** A refusal that comes before the end of the message. Any other reply then must not be taken for the verdict on it. */
  async #earlyVerdict(): Promise<Reply | undefined> {
    this.#replies.listen();
    if (!this.#replies.ready) return undefined;
    const reply = await this.#replies.next(UPSTREAM_TIMEOUT_SECONDS.dataBlock);
    if (reply.code < 400) {
      throw new UpstreamError("protocol", "reply before the end of the message");
    }
    return reply;
  }

  /** Clears the transaction. */
  async reset(): Promise<void> {
    await this.#guard(async () => {
      await this.#expect(
        await this.#command("RSET\r\n", UPSTREAM_TIMEOUT_SECONDS.housekeeping),
        250,
      );
    });
  }

  /** Says QUIT and hangs up. Never rejects: nothing depends on it. */
  async quit(): Promise<void> {
    try {
      await this.#command("QUIT\r\n", UPSTREAM_TIMEOUT_SECONDS.housekeeping);
    } catch {
      // The upstream was gone already, which is what was wanted.
    } finally {
      this.close();
    }
  }

  /** Hangs up at once. A message whose end was not sent is not accepted. */
  close(): void {
    this.#replies.close();
    this.#transport.close();
  }

  async #startTls(): Promise<void> {
    if (!this.#extensions.has("STARTTLS")) {
      throw new UpstreamError(
        "insecure",
        "the submission server offers no STARTTLS: no token is sent",
      );
    }
    const seconds = UPSTREAM_TIMEOUT_SECONDS.connect;
    await this.#expect(await this.#command("STARTTLS\r\n", seconds), 220);
    // What an attacker slipped in behind the 220 would be taken for a reply under TLS (CVE-2021-38371 and others).
    if (this.#replies.hasUnread) {
      throw new UpstreamError("protocol", "plain text after the reply to STARTTLS");
    }
    await this.#replies.within(seconds, () => this.#transport.startTls(), "TLS handshake");
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
    throw new UpstreamError("unreachable", `the submission server said: ${reply}`);
  }

  async #command(line: string, seconds: number): Promise<Reply> {
    await this.#send(encoder.encode(line), seconds);
    return await this.#replies.next(seconds);
  }

  async #send(octets: Uint8Array, seconds: number): Promise<void> {
    if (this.#replies.hasUnread) {
      throw new UpstreamError("protocol", "a reply that nobody asked for");
    }
    await this.#replies.within(seconds, () => this.#transport.write(octets), "sending");
  }

  async #sendBlock(octets: Uint8Array): Promise<void> {
    const seconds = UPSTREAM_TIMEOUT_SECONDS.dataBlock;
    await this.#replies.within(seconds, () => this.#transport.write(octets), "sending");
  }

  /** Closes the connection when anything goes wrong, so that nothing half-done is ever completed. */
  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.close();
      throw error;
    }
  }
}

async function dial({ target, dialer }: UpstreamOptions): Promise<Transport> {
  const { host, port } = target;
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), UPSTREAM_TIMEOUT_SECONDS.connect * 1000);
  try {
    const destination = { host, port, implicitTls: target.tls === "implicit" };
    return await dialer.connect(destination, patience.signal);
  } catch (cause) {
    if (cause instanceof UpstreamError) throw cause;
    throw new UpstreamError("unreachable", `no connection to ${host}:${port}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** A reply that has to be a verdict: 2xx, 4xx or 5xx. */
function final(reply: Reply): Reply {
  if (reply.intermediate) throw new UpstreamError("protocol", `unexpected reply ${reply.code}`);
  return reply;
}

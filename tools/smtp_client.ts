/**
 * An SMTP client that sends exactly the octets it is given and checks the form of every reply: for tests, tools and
 * benchmarks.
 *
 * @module
 */
import assert from "node:assert/strict";
import { systemClock } from "../lib/base/mod.ts";
import { TcpDialer } from "../smtp/mod.ts";
import type { Transport } from "../smtp/net/transport.ts";

/** How to reach a server. */
interface ServerAddress {
  readonly port: number;
  /** Default: `localhost`. */
  readonly host?: string;
  /** TLS from the first octet. */
  readonly implicitTls?: boolean;
  /** The authority to trust besides those of the system, in PEM. */
  readonly ca?: string;
}

/** Credentials of a client. */
export interface SmtpLogin {
  readonly username: string;
  /** App password; an access token for XOAUTH2. */
  readonly password: string;
  /** Default: PLAIN. */
  readonly mechanism?: "PLAIN" | "XOAUTH2";
}

/** The connection ended, or broke. */
export class ConnectionLostError extends Error {
  override readonly name = "ConnectionLostError";
}

const CONNECT_TIMEOUT_MS = 30_000;
const GREETING_NAME = "client.example";
/** RFC 5321 section 4.5.3.1.5. */
const REPLY_LINE_LIMIT_OCTETS = 512;
/** A whole reply (RFC 5321 section 4.2.1): its lines, and the code of its last line. */
const REPLY = /^(?:\d{3}-[\x20-\x7e]*\r\n)*(\d{3})(?: [\x20-\x7e]*)?\r\n/;
const DOT = 0x2e;
const LF = 0x0a;

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");

/** A client's connection to an SMTP server. */
export class SmtpClient implements Disposable {
  readonly #transport: Transport;
  #unread = "";

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Connects and reads the greeting. */
  static async connect(
    { port, host = "localhost", implicitTls = false, ca }: ServerAddress,
  ): Promise<SmtpClient> {
    const dialer = new TcpDialer(systemClock, ca === undefined ? [] : [ca]);
    const signal = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
    const client = new SmtpClient(await dialer.connect({ host, port, implicitTls }, signal));
    try {
      await client.expect("220");
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /** Sends EHLO, which has to be accepted. @returns the reply. */
  async hello(): Promise<string> {
    const reply = await this.command(`EHLO ${GREETING_NAME}`);
    assert.match(reply, /^250/);
    return reply;
  }

  /** Sends EHLO, STARTTLS and, under TLS, EHLO again. @returns the last reply. */
  async startTls(): Promise<string> {
    await this.hello();
    await this.write("STARTTLS\r\n");
    await this.expect("220");
    await this.#transport.startTls();
    return await this.hello();
  }

  /** Sends AUTH. @returns the reply. */
  authenticate({ username, password, mechanism = "PLAIN" }: SmtpLogin): Promise<string> {
    const response = mechanism === "PLAIN"
      ? `\0${username}\0${password}`
      : `user=${username}\x01auth=Bearer ${password}\x01\x01`;
    return this.command(`AUTH ${mechanism} ${btoa(response)}`);
  }

  /** Sends a line. @returns the reply to it. */
  async command(line: string): Promise<string> {
    await this.write(`${line}\r\n`);
    return await this.reply();
  }

  /** Sends an envelope, which has to be accepted. @param parameters Of MAIL, with a space before. */
  async envelope(sender: string, recipients: readonly string[], parameters = ""): Promise<void> {
    assert.match(await this.command(`MAIL FROM:<${sender}>${parameters}`), /^250 /);
    for (const recipient of recipients) {
      assert.match(await this.command(`RCPT TO:<${recipient}>`), /^250 /);
    }
  }

  /** Sends a message by DATA. @returns the final reply. */
  async data(content: Uint8Array): Promise<string> {
    await this.write("DATA\r\n");
    await this.expect("354");
    await this.write(dotStuffed(content));
    return await this.command(".");
  }

  /** Sends a message by BDAT, in chunks (RFC 3030). @returns the final reply. */
  async bdat(content: Uint8Array, chunkOctets: number): Promise<string> {
    for (let start = 0; start < content.length; start += chunkOctets) {
      const chunk = content.subarray(start, start + chunkOctets);
      await this.write(`BDAT ${chunk.length}\r\n`);
      await this.write(chunk);
      await this.expect("250");
    }
    return await this.command("BDAT 0 LAST");
  }

  /** Sends a text or octets as they are. @throws {ConnectionLostError} */
  async write(content: Uint8Array | string): Promise<void> {
    const octets = typeof content === "string" ? encoder.encode(content) : content;
    try {
      await this.#transport.write(octets);
    } catch (cause) {
      throw new ConnectionLostError("The connection ended while the client was sending.", {
        cause,
      });
    }
  }

  /**
   * Reads a reply.
   *
   * @returns its lines, with their ends.
   * @throws {ConnectionLostError} if the connection ends before.
   */
  async reply(): Promise<string> {
    for (;;) {
      const [reply, code] = REPLY.exec(this.#unread) ?? [];
      if (reply !== undefined && code !== undefined) {
        this.#unread = this.#unread.slice(reply.length);
        checkForm(reply, code);
        return reply;
      }
      this.#unread += decoder.decode(await this.#read());
    }
  }

  /** Reads octets. @throws {ConnectionLostError} */
  async #read(): Promise<Uint8Array> {
    let reason: unknown;
    const octets = await this.#transport.read().catch((error) => {
      reason = error;
      return null;
    });
    if (octets !== null) return octets;
    assert.equal(this.#unread, "", "the connection ended inside a reply");
    throw new ConnectionLostError("The connection ended where a reply was due.", { cause: reason });
  }

  /** Reads a reply that has to have this code. @throws {ConnectionLostError} */
  async expect(code: string): Promise<void> {
    const reply = await this.reply();
    assert.ok(reply.startsWith(code), `${reply.trimEnd()} instead of ${code}`);
  }

  /** Says goodbye, and waits for the answer. */
  async quit(): Promise<void> {
    await this.write("QUIT\r\n");
    await this.expect("221");
    this.close();
  }

  /** Hangs up. */
  close(): void {
    this.#transport.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Asserts that all lines of a reply have one code, and that none is too long. */
function checkForm(reply: string, code: string): void {
  for (let start = 0, end = 0; start < reply.length; start = end) {
    end = reply.indexOf("\n", start) + 1;
    assert.ok(reply.startsWith(code, start), `the codes of a reply differ: ${reply}`);
    assert.ok(end - start <= REPLY_LINE_LIMIT_OCTETS, `a line of a reply is too long: ${reply}`);
  }
}

/** Doubles the dots that begin a line (RFC 5321 section 4.5.2). */
function dotStuffed(content: Uint8Array): Uint8Array {
  const dots: number[] = [];
  for (let dot = content.indexOf(DOT); dot >= 0; dot = content.indexOf(DOT, dot + 1)) {
    if (dot === 0 || content[dot - 1] === LF) dots.push(dot);
  }
  if (dots.length === 0) return content;
  const stuffed = new Uint8Array(content.length + dots.length);
  let start = 0;
  dots.forEach((dot, index) => {
    stuffed.set(content.subarray(start, dot), start + index);
    stuffed[dot + index] = DOT;
    start = dot;
  });
  stuffed.set(content.subarray(start), start + dots.length);
  return stuffed;
}

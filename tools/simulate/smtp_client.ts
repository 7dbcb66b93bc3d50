/**
 * A mail client that sends exactly the octets it is given, for what real mail clients would tidy up first.
 *
 * @module
 */
import assert from "node:assert/strict";

const READ_OCTETS = 4096;
const DOT = 0x2e;
const LF = 0x0a;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** With what AUTH PLAIN logs in. */
export interface SmtpLogin {
  readonly username: string;
  readonly password: string;
}

/** A client's connection to an SMTP server. */
export class SmtpClient implements Disposable {
  #connection: Deno.TcpConn | Deno.TlsConn;
  #received = "";

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Connects and reads the greeting. */
  static async connect(port: number, hostname = "localhost"): Promise<SmtpClient> {
    const connection = await Deno.connect({ hostname, port });
    connection.setNoDelay(true);
    const client = new SmtpClient(connection);
    assert.match(await client.reply(), /^220 /);
    return client;
  }

  /** EHLO, STARTTLS and EHLO again. */
  async startTls(ca: string): Promise<void> {
    await this.command("EHLO client.example");
    assert.match(await this.command("STARTTLS"), /^220 /);
    const tcp = this.#connection as Deno.TcpConn;
    this.#connection = await Deno.startTls(tcp, { hostname: "localhost", caCerts: [ca] });
    await this.command("EHLO client.example");
  }

  /** AUTH PLAIN. @returns the reply. */
  authenticate({ username, password }: SmtpLogin): Promise<string> {
    return this.command(`AUTH PLAIN ${btoa(`\0${username}\0${password}`)}`);
  }

  /** Sends a line and reads the reply to it. */
  async command(line: string): Promise<string> {
    await this.write(`${line}\r\n`);
    return await this.reply();
  }

  /** Sends the envelope. */
  async envelope(sender: string, recipients: readonly string[], parameters = ""): Promise<void> {
    assert.match(await this.command(`MAIL FROM:<${sender}>${parameters}`), /^250 /);
    for (const recipient of recipients) {
      assert.match(await this.command(`RCPT TO:<${recipient}>`), /^250 /);
    }
  }

  /** Sends a message by DATA. @returns the final reply. */
  async data(content: Uint8Array): Promise<string> {
    assert.match(await this.command("DATA"), /^354 /);
    await this.write(dotStuffed(content));
    return await this.command(".");
  }

  /** Sends a message by BDAT, in chunks (RFC 3030). @returns the final reply. */
  async bdat(content: Uint8Array, chunkOctets: number): Promise<string> {
    for (let start = 0; start < content.length; start += chunkOctets) {
      const chunk = content.subarray(start, start + chunkOctets);
      await this.write(`BDAT ${chunk.length}\r\n`);
      await this.write(chunk);
      assert.match(await this.reply(), /^250 /);
    }
    return await this.command("BDAT 0 LAST");
  }

  /** Sends a text or octets as they are. */
  async write(content: Uint8Array | string): Promise<void> {
    const octets = typeof content === "string" ? encoder.encode(content) : content;
    for (let sent = 0; sent < octets.length;) {
      sent += await this.#connection.write(octets.subarray(sent));
    }
  }

  /** Reads a whole reply (RFC 5321 section 4.2.1). @throws when the connection ends before. */
  async reply(): Promise<string> {
    const chunk = new Uint8Array(READ_OCTETS);
    for (;;) {
      const [reply] = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/.exec(this.#received) ?? [];
      if (reply !== undefined) {
        this.#received = this.#received.slice(reply.length);
        return reply;
      }
      const length = await this.#connection.read(chunk);
      if (length === null) throw new Error("The connection ended where a reply was due.");
      this.#received += decoder.decode(chunk.subarray(0, length), { stream: true });
    }
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

/** Doubles the dots that begin a line (RFC 5321 section 4.5.2). */
export function dotStuffed(content: Uint8Array): Uint8Array {
  const isStuffed = (index: number) =>
    content[index] === DOT && (index === 0 || content[index - 1] === LF);
  const stuffed = new Uint8Array(
    content.length + content.filter((_, index) => isStuffed(index)).length,
  );
  let length = 0;
  content.forEach((octet, index) => {
    if (isStuffed(index)) stuffed[length++] = DOT;
    stuffed[length++] = octet;
  });
  return stuffed;
}

/**
 * An SMTP client in lock-step, as Python's smtplib is one, with a message made beforehand: it costs as little as a client can.
 *
 * @module
 */
import { systemClock } from "../lib/base/mod.ts";
import { TcpDialer } from "../smtp/mod.ts";
import type { Transport } from "../smtp/net/transport.ts";
import { WireReader } from "../smtp/net/wire.ts";

/** How to reach a server and log in. */
export interface ServerAccess {
  readonly host: string;
  readonly port: number;
  readonly tls: "none" | "implicit" | "starttls";
  readonly mechanism: "PLAIN" | "XOAUTH2";
}

/** Whom a client sends as. */
export interface Credentials {
  readonly username: string;
  /** App password, or access token. */
  readonly password: string;
}

/** How messages are sent. */
export interface MessageStyle {
  readonly form: "data" | "bdat";
  /** Whether MAIL, RCPT and DATA go in one packet. */
  readonly pipelined: boolean;
}

const CONNECT_TIMEOUT_MS = 30_000;
const LINE_LIMIT_OCTETS = 4_096;
const HYPHEN = 45;
const RECIPIENT = "somebody@recipient.test";

const encoder = new TextEncoder();

/** One connection. Every method throws when the server says anything unexpected. */
export class SmtpClient {
  readonly #transport: Transport;
  readonly #reader: WireReader;
  readonly #credentials: Credentials;

  private constructor(transport: Transport, credentials: Credentials) {
    this.#transport = transport;
    this.#reader = new WireReader(transport);
    this.#credentials = credentials;
  }

  /** Connects and logs in. */
  static async open(access: ServerAccess, credentials: Credentials): Promise<SmtpClient> {
    const { host, port, tls } = access;
    const signal = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
    const transport = await new TcpDialer(systemClock).connect(
      { host, port, implicitTls: tls === "implicit" },
      signal,
    );
    const client = new SmtpClient(transport, credentials);
    await client.#expect(220);
    await client.#command("EHLO client.test", 250);
    if (tls === "starttls") {
      await client.#command("STARTTLS", 220);
      await transport.startTls();
      await client.#command("EHLO client.test", 250);
    }
    await client.#command(authCommand(access.mechanism, credentials), 235);
    return client;
  }

  /** Sends a message, see {@linkcode encodeMessage}. */
  async send(message: Uint8Array, { form, pipelined }: MessageStyle): Promise<void> {
    const commands = [
      `MAIL FROM:<${this.#credentials.username}>`,
      `RCPT TO:<${RECIPIENT}>`,
      ...(form === "data" ? ["DATA"] : []),
    ];
    if (pipelined) await this.#write(commands.join("\r\n"));
    for (const command of commands) {
      if (!pipelined) await this.#write(command);
      await this.#expect(command === "DATA" ? 354 : 250);
    }
    await this.#transport.write(message);
    await this.#expect(250);
  }

  /** Says goodbye and waits for the answer. */
  async quit(): Promise<void> {
    await this.#command("QUIT", 221);
    this.close();
  }

  /** Hangs up. */
  close(): void {
    this.#transport.close();
  }

  async #command(line: string, code: number): Promise<void> {
    await this.#write(line);
    await this.#expect(code);
  }

  #write(line: string): Promise<void> {
    return this.#transport.write(encoder.encode(line + "\r\n"));
  }

  async #expect(code: number): Promise<void> {
    for (;;) {
      const line = this.#reader.takeLine(LINE_LIMIT_OCTETS) ??
        await this.#reader.readLine(LINE_LIMIT_OCTETS);
      if (line === null) throw new Error(`connection ended instead of ${code}`);
      if (line[3] === HYPHEN) continue;
      const text = new TextDecoder().decode(line);
      if (!text.startsWith(`${code}`)) throw new Error(`${text} instead of ${code}`);
      return;
    }
  }
}

function authCommand(mechanism: ServerAccess["mechanism"], { username, password }: Credentials) {
  const response = mechanism === "PLAIN"
    ? `\0${username}\0${password}`
    : `user=${username}\x01auth=Bearer ${password}\x01\x01`;
  return `AUTH ${mechanism} ${btoa(response)}`;
}

const HEADER = "From: <sender@sender.test>\r\nTo: <somebody@recipient.test>\r\nSubject: bench\r\n" +
  "MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n";
/** What the base64 of an attachment looks like: 76 characters a line (RFC 2045 section 6.8). */
const LINE =
  "UmFuZG9tIG9jdGV0cyBvZiBhbiBhdHRhY2htZW50IHRoYXQgbm9ib2R5IGV2ZXIgbG9va3MgYXQu".slice(0, 76) +
  "\r\n";

/** A message of about the size, together with what goes around it on the wire. */
export function encodeMessage(sizeOctets: number, form: MessageStyle["form"]): Uint8Array {
  const lineCount = Math.max(1, Math.round((sizeOctets - HEADER.length) / LINE.length));
  const message = HEADER + LINE.repeat(lineCount);
  return encoder.encode(
    form === "data" ? `${message}.\r\n` : `BDAT ${message.length} LAST\r\n${message}`,
  );
}

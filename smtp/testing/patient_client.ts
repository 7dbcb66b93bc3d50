/**
 * A mail client that does what RFC 5321 asks of one: it tries again after 4xx and lost connections, gives up after 5xx, and
 * looks closely at every reply.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Clock } from "../clock.ts";
import type { Transport } from "../net/transport.ts";
import { octets, text } from "./assertions.ts";

const REPLY = /^(?:(\d{3})-[\x20-\x7e]*\r\n)*(\d{3}) [\x20-\x7e]*\r\n/;
/** RFC 5321 section 4.5.3.1.5. */
const REPLY_LINE_LIMIT_OCTETS = 512;
const TRY_LIMIT = 3;

/** How the client sends. */
export interface SendingOptions {
  readonly username: string;
  readonly password: string;
  readonly sender: string;
  readonly recipient: string;
  readonly way: "DATA" | "BDAT";
  /** Whether the client begins TLS by STARTTLS. */
  readonly startTls: boolean;
  /** The pieces in which the message is written, and the chunks of BDAT; each is made of whole lines. */
  readonly pieces: readonly string[];
  readonly clock: Clock;
  /** How long the client waits between two tries. */
  readonly retryDelayMs: number;
}

/** What the client knows at the end; it gives up after some tries. */
export type Outcome = "accepted" | "refused" | "given up";

/** The server has closed the connection. */
class LostError extends Error {}

/** Sends one message, as often as it takes. */
export class PatientClient {
  readonly #connect: () => Transport | Promise<Transport>;
  readonly #options: SendingOptions;
  #transport: Transport | undefined;
  #loggedIn = false;
  #unread = "";
  /** Replies of 4xx and 5xx, in order. */
  readonly refusals: string[] = [];
  /** How often the end of the message was sent, with no refusal before it. */
  completedCount = 0;

  constructor(connect: () => Transport | Promise<Transport>, options: SendingOptions) {
    this.#connect = connect;
    this.#options = options;
  }

  /** Sends the message. */
  async send(): Promise<Outcome> {
    for (let tries = 0; tries < TRY_LIMIT; tries++) {
      try {
        const code = await this.#try();
        if (code < 300) return "accepted";
        if (code >= 500) return "refused";
      } catch (error) {
        if (!(error instanceof LostError)) throw error;
        this.close();
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#options.clock.setTimer(this.#options.retryDelayMs, resolve);
      await promise;
    }
    return "given up";
  }

  close(): void {
    this.#transport?.close();
    this.#transport = undefined;
  }

  /** One try; the code of the first refusal, or of the final reply. */
  async #try(): Promise<number> {
    const { username, password, sender, recipient, way, pieces } = this.#options;
    if (this.#transport === undefined) await this.#begin();
    if (!this.#loggedIn) {
      const code = await this.#command(`AUTH PLAIN ${btoa(`\0${username}\0${password}`)}`);
      if (code >= 300) return code;
      this.#loggedIn = true;
    }
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const envelope = ["RSET", `MAIL FROM:<${sender}> SIZE=${size}`, `RCPT TO:<${recipient}>`];
    for (const command of envelope) {
      const code = await this.#command(command);
      if (code >= 300) return code;
    }
    return way === "DATA" ? await this.#sendData(pieces) : await this.#sendChunks(pieces);
  }

  async #begin(): Promise<void> {
    this.#transport = await this.#connect();
    this.#loggedIn = false;
    this.#unread = "";
    assert.equal(await this.#reply(), 220);
    assert.equal(await this.#command("EHLO client.example"), 250);
    if (!this.#options.startTls) return;
    assert.equal(await this.#command("STARTTLS"), 220);
    await this.#transport.startTls();
    assert.equal(await this.#command("EHLO client.example"), 250);
  }

  async #sendData(pieces: readonly string[]): Promise<number> {
    const code = await this.#command("DATA");
    if (code !== 354) return code;
    for (const piece of pieces) await this.#write(piece.replaceAll(/^\./gm, ".."));
    this.completedCount++;
    return await this.#command(".");
  }

  async #sendChunks(pieces: readonly string[]): Promise<number> {
    for (const [index, piece] of pieces.entries()) {
      const last = index === pieces.length - 1;
      await this.#write(`BDAT ${piece.length}${last ? " LAST" : ""}\r\n${piece}`);
      if (last) this.completedCount++;
      const code = await this.#reply();
      if (last || code >= 300) return code;
    }
    return 0;
  }

  async #command(line: string): Promise<number> {
    await this.#write(`${line}\r\n`);
    return await this.#reply();
  }

  async #write(content: string): Promise<void> {
    await this.#transport!.write(octets(content)).catch((cause) => {
      throw new LostError("cannot write", { cause });
    });
  }

  /** The next reply's code; the reply has to be one. */
  async #reply(): Promise<number> {
    for (;;) {
      const [reply, , code] = REPLY.exec(this.#unread) ?? [];
      if (reply !== undefined) {
        this.#unread = this.#unread.slice(reply.length);
        this.#check(reply, Number(code));
        return Number(code);
      }
      const arrived = await this.#transport!.read().catch(() => null);
      if (arrived === null) {
        assert.equal(this.#unread, "", "half a reply, or none");
        throw new LostError("connection ended");
      }
      this.#unread += text(arrived);
    }
  }

  #check(reply: string, code: number): void {
    for (const line of reply.split("\r\n").slice(0, -1)) {
      assert(line.length <= REPLY_LINE_LIMIT_OCTETS - 2, "line too long");
      assert.equal(line.slice(0, 3), `${code}`, "codes differ within a reply");
    }
    if (code < 400) return;
    // RFC 2034 section 4: the class of the enhanced code is that of the code.
    assert.match(reply, new RegExp(`^${code}[ -]${String(code)[0]}\\.\\d+\\.\\d+ `));
    this.refusals.push(reply.trimEnd());
  }
}

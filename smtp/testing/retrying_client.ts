/**
 * A mail client that follows RFC 5321: it tries again after 4yz and lost connections, gives up after 5yz, and checks every
 * reply.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ConnectionLostError, SmtpClient } from "../../tools/smtp_client.ts";
import { type Clock, pause } from "../clock.ts";
import type { Transport } from "../net/transport.ts";

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
  /** The pieces in which the message is written, or the chunks of BDAT. Each has whole lines. */
  readonly pieces: readonly string[];
  readonly clock: Clock;
  /** How long the client waits between two tries. */
  readonly retryDelayMs: number;
}

/** The result for the client. It gives up after some tries. */
export type Outcome = "accepted" | "refused" | "given up";

/** Sends one message, several times if need be. */
export class RetryingClient {
  readonly #connect: () => Transport | Promise<Transport>;
  readonly #options: SendingOptions;
  #client: SmtpClient | undefined;
  #loggedIn = false;
  /** Replies of 4xx and 5xx, in order. */
  readonly refusals: string[] = [];
  /** How often the end of the message was sent without a refusal before it. */
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
        if (!(error instanceof ConnectionLostError)) throw error;
        this.close();
      }
      await pause(this.#options.clock, this.#options.retryDelayMs);
    }
    return "given up";
  }

  close(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  /** Tries once. Returns the code of the first refusal, or of the final reply. */
  async #try(): Promise<number> {
    const { sender, recipient, way, pieces } = this.#options;
    const client = this.#client ?? await this.#begin();
    if (!this.#loggedIn) {
      const code = this.#check(await client.authenticate(this.#options));
      if (code >= 300) return code;
      this.#loggedIn = true;
    }
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const envelope = ["RSET", `MAIL FROM:<${sender}> SIZE=${size}`, `RCPT TO:<${recipient}>`];
    for (const command of envelope) {
      const code = this.#check(await client.command(command));
      if (code >= 300) return code;
    }
    return way === "DATA"
      ? await this.#sendData(client, pieces)
      : await this.#sendChunks(client, pieces);
  }

  async #begin(): Promise<SmtpClient> {
    const client = this.#client = new SmtpClient(await this.#connect());
    this.#loggedIn = false;
    await client.expect("220");
    await (this.#options.startTls ? client.startTls() : client.hello());
    return client;
  }

  async #sendData(client: SmtpClient, pieces: readonly string[]): Promise<number> {
    const code = this.#check(await client.command("DATA"));
    if (code !== 354) return code;
    for (const piece of pieces) await client.write(piece.replaceAll(/^\./gm, ".."));
    this.completedCount++;
    return this.#check(await client.command("."));
  }

  async #sendChunks(client: SmtpClient, pieces: readonly string[]): Promise<number> {
    for (const [index, piece] of pieces.entries()) {
      const last = index === pieces.length - 1;
      await client.write(`BDAT ${piece.length}${last ? " LAST" : ""}\r\n${piece}`);
      if (last) this.completedCount++;
      const code = this.#check(await client.reply());
      if (last || code >= 300) return code;
    }
    return 0;
  }

  /** Records a refusal. @returns the code. */
  #check(reply: string): number {
    const code = Number(reply.slice(0, 3));
    if (code < 400) return code;
    // RFC 2034 section 4: the class of the enhanced code is that of the code.
    assert.match(reply, new RegExp(`^${code}[ -]${reply[0]}\\.\\d+\\.\\d+ `));
    this.refusals.push(reply.trimEnd());
    return code;
  }
}

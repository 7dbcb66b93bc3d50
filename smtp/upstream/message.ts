/**
 * Sending a message: as BDAT (RFC 3030) or after DATA (RFC 5321 section 4.1.1.4).
 *
 * An unexpected reply is never taken for the verdict on a message: there must be none before the last octets are sent.
 *
 * @module
 */
import type { MessageBody } from "../backend.ts";
import type { Reply } from "../protocol/mod.ts";
import { type Conversation, UPSTREAM_TIMEOUT_SECONDS } from "./conversation.ts";

/** The result of sending a message. */
export interface DataResult {
  readonly reply: Reply;
  /** Whether the connection can be used for another transaction. */
  readonly clean: boolean;
}

/** The maximum number of BDAT commands without a reply (RFC 3030 section 4.2). */
const CHUNK_WINDOW = 4;

const END_OF_DATA = new TextEncoder().encode(".\r\n");

/** Sends one message. */
export class MessageSender {
  readonly #conversation: Conversation;
  readonly #body: MessageBody;
  /** The octets that had arrived from the client when the upstream last replied. */
  #arrivedCount: number | undefined;

  constructor(conversation: Conversation, body: MessageBody) {
    this.#conversation = conversation;
    this.#body = body;
    this.#arrivedCount = body.arrivedCount;
  }

  /** Sends the message in chunks. */
  async sendChunks(): Promise<DataResult> {
    let outstanding = 0;
    for (;;) {
      const { octets, last } = await this.#body.next("plain");
      if (octets.length === 0 && !last) continue;
      // All chunks must be accepted before the last is sent, so that the upstream cannot accept a message with a gap.
      const window = last ? 0 : CHUNK_WINDOW;
      while (outstanding > window || (outstanding > 0 && !this.#conversation.alive)) {
        const { dataBlock } = UPSTREAM_TIMEOUT_SECONDS;
        const reply = this.#heard(await this.#conversation.reply(dataBlock));
        outstanding--;
        if (!reply.positive) return { reply, clean: false };
      }
      if (outstanding === 0) {
        const silence = this.#expectSilence(last);
        if (silence !== undefined) await silence;
      } else this.#conversation.listen();
      if (last) this.#conversation.stage = "verdict";
      const line = `BDAT ${octets.length}${last ? " LAST" : ""}\r\n`;
      await this.#conversation.sendTogether(line, octets);
      if (last) break;
      outstanding++;
    }
    const reply = await this.#verdict();
    // After a refused chunk the upstream's state is undefined without RSET (RFC 3030 section 2).
    return { reply, clean: reply.positive };
  }

  /** Sends the message after DATA. */
  async sendData(): Promise<DataResult> {
    const { dataStart } = UPSTREAM_TIMEOUT_SECONDS;
    const go = await this.#conversation.command("DATA\r\n", dataStart);
    // After a refused DATA some servers keep the transaction open, others do not.
    if (go.code !== 354) return { reply: this.#conversation.final(go), clean: false };
    this.#arrivedCount = this.#body.arrivedCount;
    this.#conversation.listen();
    for (;;) {
      const { octets, last } = await this.#body.next("stuffed");
      await this.#expectSilence(last);
      if (last) {
        this.#conversation.stage = "verdict";
        await this.#conversation.sendTogether(octets, END_OF_DATA);
        return { reply: await this.#verdict(), clean: true };
      }
      if (octets.length > 0) await this.#conversation.sendBlock(octets);
    }
  }

  /**
   * Checks that the upstream has sent nothing. If the client has sent nothing since the upstream's last reply, no time has
   * passed; then this listens for a moment before the last octets.
   *
   * @throws {UpstreamError}
   */
  #expectSilence(last: boolean): Promise<void> | undefined {
    const { arrivedCount } = this.#body;
    const atOnce = arrivedCount !== undefined && arrivedCount === this.#arrivedCount;
    if (last && atOnce) {
      return this.#conversation.listenAgain().then(() => this.#conversation.expectSilence());
    }
    this.#conversation.listen();
    this.#conversation.expectSilence();
  }

  async #verdict(): Promise<Reply> {
    const reply = this.#heard(await this.#conversation.reply(UPSTREAM_TIMEOUT_SECONDS.dataEnd));
    this.#conversation.expectNoOther();
    return reply;
  }

  #heard(reply: Reply): Reply {
    this.#arrivedCount = this.#body.arrivedCount;
    return this.#conversation.final(reply);
  }
}

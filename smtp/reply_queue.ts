/**
 * Replies on their way to the client.
 *
 * @module
 */
import { concat } from "./octets.ts";
import type { Reply } from "./reply.ts";
import type { Transport } from "./transport.ts";

/** Keeps replies together until the session waits for the client, so that one write carries them (RFC 2920 section 3.2). */
export class ReplyQueue {
  readonly #transport: Transport;
  #replies: Reply[] = [];
  #writing = false;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Whether a write is under way: the client has to listen. */
  get writing(): boolean {
    return this.#writing;
  }

  push(reply: Reply): void {
    this.#replies.push(reply);
  }

  /** Sends what has gathered. */
  async flush(): Promise<void> {
    const [first, ...more] = this.#replies;
    if (first === undefined) return;
    this.#replies = [];
    this.#writing = true;
    try {
      await this.#transport.write(
        more.length === 0
          ? first.octets
          : concat(first.octets, ...more.map((reply) => reply.octets)),
      );
    } finally {
      this.#writing = false;
    }
  }
}

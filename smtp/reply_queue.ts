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
  readonly #replies: Reply[] = [];
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
    if (this.#replies.length === 0) return;
    const parts = this.#replies.map((reply) => reply.octets);
    this.#replies.length = 0;
    this.#writing = true;
    try {
      await this.#transport.write(parts.length === 1 ? parts[0]! : concat(...parts));
    } finally {
      this.#writing = false;
    }
  }
}

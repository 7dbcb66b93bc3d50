/**
 * A load on several replicas, which knows what was acknowledged.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { SmtpClient, type SmtpLogin } from "../tools/smtp_client.ts";
import { NORA } from "./testbed.ts";

/** Clients that send until they are stopped, and connect again when they are cut off. */
export class ReplicasLoad {
  /** Message ids that the program has accepted. */
  readonly acknowledged = new Set<string>();
  /** The times that messages took, in milliseconds. */
  readonly durationsMs: number[] = [];
  #isRunning = true;
  #count = 0;

  /** @param port Returns the port to connect to, each time. */
  constructor(readonly port: () => number, readonly login: SmtpLogin) {}

  async run(clientCount: number): Promise<void> {
    await Promise.all(Array.from({ length: clientCount }, () => this.#runClient()));
  }

  /** Returns the message ids that were accepted and are not among these messages. */
  missing(messages: readonly { readonly content: Uint8Array }[]): string[] {
    const decoder = new TextDecoder();
    const received = new Set(
      messages.map(({ content }) => /Message-ID: (\S+)/.exec(decoder.decode(content))?.[1]),
    );
    return [...this.acknowledged].filter((id) => !received.has(id));
  }

  stop(): void {
    this.#isRunning = false;
  }

  async #runClient(): Promise<void> {
    while (this.#isRunning) {
      try {
        using client = await SmtpClient.connect({ port: this.port() });
        await client.hello();
        assert.match(await client.authenticate(this.login), /^235 /);
        while (this.#isRunning) await this.#send(client);
      } catch {
        // Its replica was killed: there is another one.
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async #send(client: SmtpClient): Promise<void> {
    const id = `<${++this.#count}@replicas.example>`;
    const startMs = performance.now();
    await client.envelope(NORA, ["a@example.com"]);
    const reply = await client.data(Buffer.from(`Message-ID: ${id}\r\n\r\nText\r\n`));
    if (!reply.startsWith("250 ")) return;
    this.acknowledged.add(id);
    this.durationsMs.push(performance.now() - startMs);
  }
}

/**
 * A load on several replicas, which knows what was acknowledged, and what failed.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { SmtpClient, type SmtpLogin } from "../../tools/smtp_client.ts";

const RECONNECT_PAUSE_MS = 50;

/** Clients that send until they are stopped, and connect again when they are cut off. */
export class ReplicasLoad {
  /** Message ids that the program has accepted. */
  readonly acknowledged = new Set<string>();
  /** The times that messages took, in milliseconds. */
  readonly durationsMs: number[] = [];
  /** Replies that were not expected, and errors of connections. */
  readonly failures: string[] = [];
  readonly #prefix = crypto.randomUUID();
  #isRunning = true;
  #count = 0;

  /**
   * @param port Returns the port to connect to, each time.
   * @param login Its user name is the sender's address.
   * @param messages Of a connection. Default: as many as it bears.
   */
  constructor(
    readonly port: () => number,
    readonly login: SmtpLogin,
    readonly messages = Infinity,
  ) {}

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
        await this.#runConnection();
      } catch (error) {
        this.failures.push(error instanceof Error ? error.message : `${error}`);
        await new Promise((resolve) => setTimeout(resolve, RECONNECT_PAUSE_MS));
      }
    }
  }

  async #runConnection(): Promise<void> {
    using client = await SmtpClient.connect({ port: this.port() });
    await client.hello();
    expect(await client.authenticate(this.login), "235");
    for (let count = 0; this.#isRunning && count < this.messages; count++) await this.#send(client);
  }

  async #send(client: SmtpClient): Promise<void> {
    const id = `<${++this.#count}.${this.#prefix}@replicas.example>`;
    const startMs = performance.now();
    expect(await client.command(`MAIL FROM:<${this.login.username}>`), "250");
    expect(await client.command("RCPT TO:<a@example.com>"), "250");
    expect(await client.command("DATA"), "354");
    await client.write(Buffer.from(`Message-ID: ${id}\r\n\r\nText\r\n`));
    expect(await client.command("."), "250");
    this.acknowledged.add(id);
    this.durationsMs.push(performance.now() - startMs);
  }
}

function expect(reply: string, code: string): void {
  if (!reply.startsWith(code)) throw new Error(reply.trimEnd());
}

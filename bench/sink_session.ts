/**
 * One connection to the sink: takes every message, looks at none, and counts.
 *
 * @module
 */
import type { Accepted } from "../smtp/net/transport.ts";
import { WireReader } from "../smtp/net/wire.ts";

/** How the sink behaves. */
export interface SinkBehaviour {
  /** Whether BDAT is offered. */
  chunking: boolean;
  /** How long each packet of replies is held back: stands for the way to a server far away. */
  delayMs: number;
  /** Octets of message data that each connection takes in a second; 0 for as many as come. */
  rateOctetsPerSecond: number;
}

/** Counts of the sink since its start. */
export interface SinkCounts {
  connections: number;
  messages: number;
  /** Octets of messages. */
  octets: number;
  commands: number;
  /** Packets of replies that were sent: how often a client had to wait for the way there and back. */
  roundTrips: number;
}

const LINE_LIMIT_OCTETS = 16_384;
const END_OF_DATA = [13, 10, 46, 13, 10];

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");

/** Serves one client. */
export class SinkSession {
  readonly #transport: Accepted["transport"];
  readonly #offersTls: boolean;
  readonly #behaviour: SinkBehaviour;
  readonly #counts: SinkCounts;
  readonly #reader: WireReader;
  #replies = "";

  constructor({ transport, startTls }: Accepted, behaviour: SinkBehaviour, counts: SinkCounts) {
    this.#transport = transport;
    this.#offersTls = startTls;
    this.#behaviour = behaviour;
    this.#counts = counts;
    this.#reader = new WireReader(transport);
  }

  /** Resolves at the end of the connection. */
  async run(): Promise<void> {
    this.#counts.connections++;
    this.#replies = "220 sink.test ESMTP\r\n";
    try {
      while (await this.#step());
      await this.#flush();
    } finally {
      this.#transport.close();
    }
  }

  /** One command; false when there are no more. */
  async #step(): Promise<boolean> {
    let line = this.#reader.takeLine(LINE_LIMIT_OCTETS);
    if (line === undefined) {
      await this.#flush();
      line = await this.#reader.readLine(LINE_LIMIT_OCTETS) ?? undefined;
      if (line === undefined) return false;
    }
    this.#counts.commands++;
    return await this.#answer(decoder.decode(line));
  }

  async #answer(line: string): Promise<boolean> {
    const [verb = "", argument = ""] = line.split(" ", 2);
    switch (verb.toUpperCase()) {
      case "EHLO":
        this.#replies += this.#hello();
        break;
      case "STARTTLS":
        await this.#startTls();
        break;
      case "AUTH":
        this.#replies += "235 2.7.0 Authentication successful\r\n";
        break;
      case "DATA":
        await this.#receiveData();
        break;
      case "BDAT":
        await this.#receiveChunk(Number(argument), line.toUpperCase().endsWith(" LAST"));
        break;
      case "QUIT":
        this.#replies += "221 2.0.0 Bye\r\n";
        return false;
      default:
        this.#replies += "250 2.0.0 OK\r\n";
    }
    return true;
  }

  #hello(): string {
    const keywords = [
      "sink.test",
      "PIPELINING",
      "SIZE 157286400",
      "8BITMIME",
      "SMTPUTF8",
      "DSN",
      ...(this.#behaviour.chunking ? ["CHUNKING"] : []),
      ...(this.#offersTls && !this.#transport.secure ? ["STARTTLS"] : []),
      "AUTH XOAUTH2",
    ];
    return keywords.map((keyword) => `250-${keyword}\r\n`).join("") + "250 ENHANCEDSTATUSCODES\r\n";
  }

  async #startTls(): Promise<void> {
    await this.#flush();
    this.#counts.roundTrips++;
    await this.#transport.startTls(encoder.encode("220 2.0.0 Go ahead\r\n"));
  }

  /** The end is looked for at the end of what has arrived: the load generator never sends on behind it. */
  async #receiveData(): Promise<void> {
    this.#replies += "354 Go ahead\r\n";
    await this.#flush();
    const tail = [13, 10];
    const pace = this.#pace();
    while (!END_OF_DATA.every((octet, index) => tail.at(index - END_OF_DATA.length) === octet)) {
      if (!await this.#reader.fill()) return;
      const { unread } = this.#reader;
      tail.push(...unread.subarray(-END_OF_DATA.length));
      tail.splice(0, tail.length - END_OF_DATA.length);
      this.#counts.octets += unread.length;
      this.#reader.consume(unread.length);
      await pace(unread.length);
    }
    this.#accept();
  }

  async #receiveChunk(size: number, last: boolean): Promise<void> {
    const pace = this.#pace();
    for (let missing = size; missing > 0;) {
      if (this.#reader.unreadCount === 0 && !await this.#reader.fill()) return;
      const octetCount = Math.min(missing, this.#reader.unreadCount);
      this.#reader.consume(octetCount);
      this.#counts.octets += octetCount;
      missing -= octetCount;
      await pace(octetCount);
    }
    if (last) this.#accept();
    else this.#replies += "250 2.0.0 Chunk taken\r\n";
  }

  #accept(): void {
    this.#counts.messages++;
    this.#replies += `250 2.0.0 OK <${this.#counts.messages}@sink.test> [Hostname=sink.test]\r\n`;
  }

  /** Waits as long as the octets should have taken. */
  #pace(): (octetCount: number) => Promise<void> | undefined {
    const { rateOctetsPerSecond } = this.#behaviour;
    if (rateOctetsPerSecond === 0) return () => undefined;
    const startedMs = performance.now();
    let total = 0;
    return (octetCount) => {
      total += octetCount;
      const dueMs = startedMs + total * 1000 / rateOctetsPerSecond;
      return sleep(dueMs - performance.now());
    };
  }

  async #flush(): Promise<void> {
    if (this.#replies === "") return;
    const octets = encoder.encode(this.#replies);
    this.#replies = "";
    this.#counts.roundTrips++;
    if (this.#behaviour.delayMs > 0) await sleep(this.#behaviour.delayMs);
    await this.#transport.write(octets);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

/**
 * The load generator, as a process of its own: so many clients at once, each sending one message after the other.
 *
 * @module
 */
import { parseArgs } from "node:util";
import type { SmtpClient } from "../tools/smtp_client.ts";
import {
  type Credentials,
  encodeMessage,
  type MessageStyle,
  openClient,
  sendMessage,
  type ServerAccess,
} from "./client.ts";
import { percentile } from "./statistics.ts";

/** Options of the load generator. */
export interface LoadOptions {
  readonly access: ServerAccess;
  readonly style: MessageStyle;
  /** Clients at once. */
  readonly clientCount: number;
  /** Whether a client keeps its connection; else each message has one of its own. */
  readonly reuse: boolean;
  readonly messageOctets: number;
  /** Messages of each client before the measurement. */
  readonly warmUpCount: number;
  /** Ends the measurement, whichever comes first. */
  readonly limit: { readonly messageCount?: number; readonly seconds?: number };
}

/** Measurements of the load generator. */
export interface LoadResult {
  readonly messageCount: number;
  readonly seconds: number;
  readonly messagesPerSecond: number;
  /** Millions of octets. */
  readonly megabytesPerSecond: number;
  /** From the connection (or from MAIL, on an open one) to the last reply. */
  readonly latencyMs: { readonly median: number; readonly p95: number; readonly p99: number };
}

/** Sends and measures. @param people One a client, over and over. */
export async function generateLoad(
  options: LoadOptions,
  people: readonly Credentials[],
): Promise<LoadResult> {
  const message = encodeMessage(options.messageOctets, options.style.form);
  const senders = Array.from(
    { length: options.clientCount },
    (_, index) => new Sender(options, people[index % people.length]!, message),
  );
  await Promise.all(senders.map(async (sender) => {
    for (let count = 0; count < options.warmUpCount; count++) await sender.send();
  }));
  const { messageCount = Infinity, seconds = Infinity } = options.limit;
  const latenciesMs: number[] = [];
  let startedCount = 0;
  const startedMs = performance.now();
  const untilMs = startedMs + seconds * 1000;
  await Promise.all(senders.map(async (sender) => {
    for (let fromMs = performance.now(); startedCount < messageCount && fromMs < untilMs;) {
      startedCount++;
      await sender.send();
      const nowMs = performance.now();
      latenciesMs.push(nowMs - fromMs);
      fromMs = nowMs;
    }
  }));
  const elapsedSeconds = (performance.now() - startedMs) / 1000;
  await Promise.all(senders.map((sender) => sender.close()));
  return {
    messageCount: latenciesMs.length,
    seconds: elapsedSeconds,
    messagesPerSecond: latenciesMs.length / elapsedSeconds,
    megabytesPerSecond: latenciesMs.length * message.length / 1e6 / elapsedSeconds,
    latencyMs: {
      median: percentile(latenciesMs, 0.5),
      p95: percentile(latenciesMs, 0.95),
      p99: percentile(latenciesMs, 0.99),
    },
  };
}

/** One client. */
class Sender {
  readonly #options: LoadOptions;
  readonly #credentials: Credentials;
  readonly #message: Uint8Array;
  #client: SmtpClient | undefined;

  constructor(options: LoadOptions, credentials: Credentials, message: Uint8Array) {
    this.#options = options;
    this.#credentials = credentials;
    this.#message = message;
  }

  async send(): Promise<void> {
    const { access, style, reuse } = this.#options;
    this.#client ??= await openClient(access, this.#credentials);
    await sendMessage(this.#client, this.#credentials.username, this.#message, style);
    if (!reuse) await this.close();
  }

  async close(): Promise<void> {
    await this.#client?.quit();
    this.#client = undefined;
  }
}

const USAGE = `Usage: load.ts --port PORT --people FILE [options]

  --people FILE     JSON: [{"username": …, "password": …}, …]; client n uses entry n
  --tls KIND        none (default), implicit, starttls; DENO_CERT names the authority to trust
  --mechanism NAME  PLAIN (default), or XOAUTH2 with the passwords as tokens
  --clients N       clients at once (default 10)
  --reuse           one connection a client; else one a message
  --octets N        size of each message (default 4096)
  --bdat            BDAT instead of DATA
  --pipelined       MAIL, RCPT and DATA in one packet
  --warm-up N       messages of each client before the measurement (default 1)
  --count N         messages in all
  --seconds N       time (default 2 without --count)

Prints one JSON object.
`;

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string" },
      people: { type: "string" },
      tls: { type: "string", default: "none" },
      mechanism: { type: "string", default: "PLAIN" },
      clients: { type: "string", default: "10" },
      reuse: { type: "boolean", default: false },
      octets: { type: "string", default: "4096" },
      bdat: { type: "boolean", default: false },
      pipelined: { type: "boolean", default: false },
      "warm-up": { type: "string", default: "1" },
      count: { type: "string" },
      seconds: { type: "string" },
    },
  });
  if (values.port === undefined || values.people === undefined) {
    console.error(USAGE);
    Deno.exit(64);
  }
  const messageCount = values.count === undefined ? undefined : Number(values.count);
  const seconds = values.seconds ?? (messageCount === undefined ? "2" : undefined);
  const result = await generateLoad({
    access: {
      host: "127.0.0.1",
      port: Number(values.port),
      tls: values.tls as ServerAccess["tls"],
      mechanism: values.mechanism as ServerAccess["mechanism"],
    },
    style: { form: values.bdat ? "bdat" : "data", pipelined: values.pipelined },
    clientCount: Number(values.clients),
    reuse: values.reuse,
    messageOctets: Number(values.octets),
    warmUpCount: Number(values["warm-up"]),
    limit: { messageCount, seconds: seconds === undefined ? undefined : Number(seconds) },
  }, JSON.parse(Deno.readTextFileSync(values.people)));
  console.log(JSON.stringify(result));
}

if (import.meta.main) {
  await main(Deno.args);
  Deno.exit(0);
}

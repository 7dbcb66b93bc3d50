/**
 * A submission server that does one thing wrong at a moment that a test chooses, and is correct otherwise.
 *
 * @module
 */
import type { Destination, Dialer, Transport } from "../net/transport.ts";
import { octets, text } from "./assertions.ts";
import { linkedTransports, type MemoryTransport } from "./memory_transport.ts";

/** The moments at which faults can happen, in order. */
export const PHASES = [
  "connect",
  "greeting",
  "EHLO",
  "STARTTLS",
  "handshake",
  "AUTH",
  "MAIL",
  "RCPT",
  /** The reply to DATA. */
  "DATA",
  /** When the first octets of the message have arrived. */
  "body",
  /** When the message is complete. */
  "end",
] as const;

export type Phase = typeof PHASES[number];

/** The kinds of faults. */
export const FAULTS = [
  "reset",
  "close",
  "stall",
  "4xx",
  "5xx",
  "garbage",
  /** Lines of one reply that never ends. */
  "endless",
  /** A line that never ends. */
  "flood",
  /** Two codes in one reply. */
  "mixed",
  /** The right reply, then an unexpected acceptance in a packet of its own. */
  "extra",
  /** The same in one packet. */
  "extra at once",
  /** A positive reply without its line end, and then the end of the connection. */
  "half a line",
  /** The first line of a positive reply of two, and then the end of the connection. */
  "half a reply",
  /** An intermediate reply that is not allowed there. */
  "3yz",
  /** The service closes (RFC 5321 section 3.8). */
  "421",
  /** No fault: the right reply, octet by octet. */
  "split",
] as const;

export type Fault = typeof FAULTS[number];

/** The fault of a test. */
export interface Plan {
  readonly phase: Phase;
  readonly fault: Fault;
  /** How often the fault happens. Default: once. */
  readonly times?: number;
  /** Whether the upstream offers CHUNKING. */
  readonly chunking: boolean;
}

const EXTENSIONS = ["SIZE 157286400", "PIPELINING", "DSN", "8BITMIME", "SMTPUTF8"];

const ENDLESS_LINE_COUNT = 1_000;
const FLOOD_OCTETS = 200_000;

type WrongReply = Exclude<
  Fault,
  "reset" | "close" | "stall" | "extra" | "extra at once" | "split"
>;
/** After these the connection ends. */
const LAST_REPLIES: readonly Fault[] = ["half a line", "half a reply", "421"];
const EXTRA_REPLY = "250 2.0.0 Message accepted\r\n";

/** Replies that take the place of the right one. */
const WRONG_REPLIES: Readonly<Record<WrongReply, (phase: Phase) => string>> = {
  "4xx": (phase) => phase === "greeting" ? "421 4.3.2 Not now\r\n" : "451 4.3.2 Not now\r\n",
  "5xx": (phase) => phase === "AUTH" ? "535 5.7.3 Not you\r\n" : "554 5.3.2 Not ever\r\n",
  garbage: () => "\0\xff\x1b[31m<html>\r\n",
  endless: () => "250-and\r\n".repeat(ENDLESS_LINE_COUNT),
  flood: () => "2".repeat(FLOOD_OCTETS),
  mixed: () => "250-2.0.0 Yes\r\n550 5.0.0 No\r\n",
  "half a line": (phase) => phase === "DATA" ? "354 Go" : "250 2.0.0 Message accepted",
  "half a reply": (phase) => phase === "DATA" ? "354-Go\r\n" : "250-2.0.0 Message\r\n",
  "3yz": (phase) => phase === "DATA" ? "334 Go on\r\n" : "354 Go on\r\n",
  421: () => "421 4.3.2 Not now\r\n",
};

/** The conversation has ended. */
class Over extends Error {}

/** Serves any number of connections, and keeps the messages it accepted. */
export class HostileUpstream {
  readonly #plan: Plan;
  #faultsLeft: number;
  readonly #faulty = Promise.withResolvers<void>();
  /** The complete messages, without stuffed dots. */
  readonly messages: string[] = [];
  /** The verbs of all commands that arrived. */
  readonly verbs: string[] = [];

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#faultsLeft = plan.times ?? 1;
  }

  /** Resolves at the first fault. */
  get faulty(): Promise<void> {
    return this.#faulty.promise;
  }

  get chunking(): boolean {
    return this.#plan.chunking;
  }

  /** Returns the fault if it is due in this phase, and counts it as done. */
  takeFault(phase: Phase): Fault | undefined {
    if (this.#plan.phase !== phase || this.#faultsLeft === 0) return undefined;
    this.#faultsLeft--;
    this.#faulty.resolve();
    return this.#plan.fault;
  }

  /** Serves one connection to its end. @param reset Breaks the connection. */
  async serve(transport: Transport, reset: () => void): Promise<void> {
    try {
      await new Conversation(this, transport, reset).run();
    } catch {
      // The connection has ended, on either side.
      transport.close();
    }
  }
}

/** One connection. */
class Conversation {
  readonly #upstream: HostileUpstream;
  readonly #transport: Transport;
  readonly #reset: () => void;
  #unread = "";
  /** Chunks of the current message. */
  #chunks = "";

  constructor(upstream: HostileUpstream, transport: Transport, reset: () => void) {
    this.#upstream = upstream;
    this.#transport = transport;
    this.#reset = reset;
  }

  async run(): Promise<void> {
    await this.#answer("greeting", "220 upstream.example\r\n");
    for (;;) await this.#command(await this.#readLine());
  }

  async #command(line: string): Promise<unknown> {
    const [verb = "", ...words] = line.split(" ");
    this.#upstream.verbs.push(verb);
    switch (verb) {
      case "EHLO":
        return await this.#answer("EHLO", this.#ehloReply());
      case "STARTTLS":
        return await this.#startTls();
      case "AUTH":
        return await this.#answer("AUTH", "235 2.7.0 Welcome\r\n");
      case "MAIL":
        this.#chunks = "";
        return await this.#answer("MAIL", "250 2.1.0 Sender accepted\r\n");
      case "RCPT":
        return await this.#answer("RCPT", "250 2.1.5 Recipient accepted\r\n");
      case "DATA":
        return await this.#answer("DATA", "354 Go on\r\n") && await this.#receiveData();
      case "BDAT":
        return await this.#receiveChunk(Number(words[0]), words[1] === "LAST");
      case "RSET":
        return await this.#say("250 2.0.0 Forgotten\r\n");
      case "QUIT":
        await this.#say("221 2.0.0 Bye\r\n");
        throw new Over();
      default:
        return await this.#say("500 5.5.1 What?\r\n");
    }
  }

  #ehloReply(): string {
    const keywords = [
      "upstream.example",
      ...EXTENSIONS,
      ...(this.#upstream.chunking ? ["CHUNKING"] : []),
      this.#transport.secure ? "AUTH XOAUTH2" : "STARTTLS",
    ];
    const last = keywords.length - 1;
    return keywords.map((word, index) => `250${index === last ? " " : "-"}${word}\r\n`).join("");
  }

  async #startTls(): Promise<void> {
    if (!await this.#answer("STARTTLS", "220 2.0.0 Go ahead\r\n")) return;
    await this.#answer("handshake", "");
    await this.#transport.startTls();
  }

  async #receiveData(): Promise<void> {
    if (this.#unread === "") await this.#fill();
    const wanted = await this.#answer("body", "");
    // The line with the single dot can be the first one.
    while (!`\r\n${this.#unread}`.includes("\r\n.\r\n")) await this.#fill();
    const [message = "", ...rest] = `\r\n${this.#unread}`.split("\r\n.\r\n");
    this.#unread = rest.join("\r\n.\r\n");
    if (wanted) await this.#finish(`${message}\r\n`.replaceAll("\r\n.", "\r\n").slice(2));
  }

  async #receiveChunk(size: number, last: boolean): Promise<void> {
    const isFirst = this.#chunks === "";
    while (this.#unread.length < size) await this.#fill();
    this.#chunks += this.#unread.slice(0, size);
    this.#unread = this.#unread.slice(size);
    if (isFirst && !await this.#answer("body", "")) return;
    if (last) await this.#finish(this.#chunks);
    else await this.#say("250 2.0.0 Chunk accepted\r\n");
  }

  async #finish(message: string): Promise<void> {
    const fault = this.#upstream.takeFault("end");
    if (fault !== "4xx" && fault !== "5xx" && fault !== "421") {
      this.#upstream.messages.push(message);
    }
    await this.#reply("end", fault, "250 2.0.0 Message accepted\r\n");
  }

  /** Sends the right reply or performs the fault. Returns whether the reply was right. */
  #answer(phase: Phase, good: string): Promise<boolean> {
    return this.#reply(phase, this.#upstream.takeFault(phase), good);
  }

  async #reply(phase: Phase, fault: Fault | undefined, good: string): Promise<boolean> {
    switch (fault) {
      case undefined:
        await this.#say(good);
        return true;
      case "extra":
        await this.#say(good);
        await this.#say(EXTRA_REPLY);
        return true;
      case "extra at once":
        await this.#say(good + EXTRA_REPLY);
        return true;
      case "split":
        for (const character of good) await this.#say(character);
        return true;
      case "reset":
        this.#reset();
        throw new Over();
      case "close":
        throw new Over();
      case "stall":
        return await new Promise<never>(() => {});
      default:
        await this.#say(WRONG_REPLIES[fault](phase));
        if (LAST_REPLIES.includes(fault)) throw new Over();
        return false;
    }
  }

  async #say(reply: string): Promise<void> {
    if (reply !== "") await this.#transport.write(octets(reply));
  }

  async #readLine(): Promise<string> {
    while (!this.#unread.includes("\r\n")) await this.#fill();
    const [line = "", ...rest] = this.#unread.split("\r\n");
    this.#unread = rest.join("\r\n");
    return line;
  }

  async #fill(): Promise<void> {
    const arrived = await this.#transport.read();
    if (arrived === null) throw new Over();
    this.#unread += text(arrived);
  }
}

/** Connects to a hostile upstream in memory. */
export class HostileDialer implements Dialer {
  readonly #upstream: HostileUpstream;
  readonly #ends: MemoryTransport[] = [];

  constructor(upstream: HostileUpstream) {
    this.#upstream = upstream;
  }

  connect({ implicitTls }: Destination, signal: AbortSignal): Promise<Transport> {
    const { promise, resolve, reject } = Promise.withResolvers<Transport>();
    switch (this.#upstream.takeFault("connect")) {
      case "reset":
        reject(new Error("connection refused"));
        break;
      case "stall":
        signal.addEventListener("abort", () => reject(signal.reason));
        break;
      default:
        resolve(this.#connect(implicitTls));
    }
    return promise;
  }

  #connect(secure: boolean): Transport {
    const [theirs, ours] = linkedTransports({ secure });
    this.#ends.push(theirs);
    this.#upstream.serve(theirs, () => theirs.reset());
    return ours;
  }

  /** Violations of the contract of {@linkcode Transport}. */
  get misuses(): readonly string[] {
    return this.#ends.flatMap((end) => end.misuses);
  }

  /** Closes all connections, even those that stall. */
  close(): void {
    for (const end of this.#ends) end.close();
  }
}

/**
 * Lines that strangers can cause at will: the first few of a kind are written at once, the next are counted.
 *
 * @module
 */
import { clientNetworks, type Clock, type Timer } from "../../smtp/mod.ts";
import { MINUTE_MS, SECOND_MS } from "../base/mod.ts";
import type { Logger } from "./log.ts";

/** The levels of lines that can be counted. */
export type DigestLevel = "info" | "warning";

/** A line about a client. */
export interface ClientLine {
  readonly level: DigestLevel;
  /** With `reason`, the kind of the line. */
  readonly message: string;
  readonly reason?: string;
  /** The client's address. */
  readonly address: string;
  /** A name that the client gave; a summary shows some of them. */
  readonly name?: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Lines of one kind from one network. */
interface Repeated {
  readonly line: Pick<ClientLine, "level" | "message" | "reason">;
  readonly network: string;
  /** Lines that may still be written. */
  left: number;
  /** Lines that were not written. */
  count: number;
  readonly names: Set<string>;
}

const WINDOW_MS = MINUTE_MS;
/** Kinds and networks that have lines of their own; all others have one together. */
const NETWORK_LIMIT = 200;
const ELSEWHERE = "others";
const SHOWN_NAMES = 3;
/** Lines of one kind and network that are written one by one: setting up a device takes some failed attempts. */
const SINGLE_LINES = 10;

/** Writes lines about clients; in a flood one summary for each network and minute. */
export class LineDigest {
  readonly #log: Pick<Logger, DigestLevel>;
  readonly #clock: Pick<Clock, "setTimer">;
  readonly #repeated = new Map<string, Repeated>();
  readonly #singleLines: number;
  #timer: Timer | undefined;

  /** @param singleLines Lines of one kind and network that are written before others are counted. */
  constructor(
    log: Pick<Logger, DigestLevel>,
    clock: Pick<Clock, "setTimer">,
    singleLines = SINGLE_LINES,
  ) {
    this.#log = log;
    this.#clock = clock;
    this.#singleLines = singleLines;
  }

  /** Writes a line, or counts it. */
  write(line: ClientLine): void {
    const known = this.#repeated.get(keyOf(line, networkOf(line))) ??
      (this.#repeated.size < NETWORK_LIMIT
        ? undefined
        : this.#repeated.get(keyOf(line, ELSEWHERE)));
    if (known === undefined) return this.#writeFirst(line);
    if (known.left > 0) {
      known.left--;
      return this.#log[line.level](line.message, line.properties);
    }
    known.count++;
    if (line.name !== undefined && known.names.size < SHOWN_NAMES) known.names.add(line.name);
  }

  /** Writes the summaries that are due, for the end of the program. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const repeated of this.#repeated.values()) this.#summarise(repeated);
    this.#repeated.clear();
  }

  #writeFirst(line: ClientLine): void {
    const network = this.#repeated.size < NETWORK_LIMIT ? networkOf(line) : ELSEWHERE;
    const left = this.#singleLines - 1;
    this.#repeated.set(keyOf(line, network), { line, network, left, count: 0, names: new Set() });
    this.#timer ??= this.#clock.setTimer(WINDOW_MS, () => this.#endWindow());
    this.#log[line.level](line.message, line.properties);
  }

  /** A network that goes on gets one summary a minute; one that was quiet gets a line at once the next time. */
  #endWindow(): void {
    for (const [key, repeated] of this.#repeated) {
      if (repeated.count === 0) this.#repeated.delete(key);
      this.#summarise(repeated);
      repeated.left = 0;
      repeated.count = 0;
      repeated.names.clear();
    }
    this.#timer = this.#repeated.size === 0
      ? undefined
      : this.#clock.setTimer(WINDOW_MS, () => this.#endWindow());
  }

  #summarise({ line: { level, message, reason }, network, count, names }: Repeated): void {
    if (count === 0) return;
    this.#log[level](`${message}: more of the same`, {
      network,
      reason,
      count,
      seconds: WINDOW_MS / SECOND_MS,
      names: names.size > 0 ? [...names] : undefined,
    });
  }
}

function keyOf({ message, reason }: ClientLine, network: string): string {
  return `${message} ${reason} ${network}`;
}

/** Returns the widest network that belongs to one customer. */
function networkOf({ address }: ClientLine): string {
  return clientNetworks(address).at(-1)!;
}

/** Characters of a name in the log: enough to recognise it. */
const NAME_LENGTH = 64;

/** Shortens a name that a stranger has chosen. */
export function shortName(name: string): string {
  return name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH)}… (${name.length})` : name;
}

/**
 * The first look at a connection: whether it is accepted, and for which client.
 *
 * @module
 */
import type { Clock } from "../clock.ts";
import type { Observer, RejectionReason } from "../events.ts";
import type { AddressMatcher } from "./address.ts";
import type { HeaderOptions } from "./header_reader.ts";
import type { Arrival, Endpoint } from "./transport.ts";

/** The peers whose PROXY headers are trusted. */
export interface ProxyPolicy {
  /** `optional` is for a migration: a trusted peer can then send a header or not. */
  readonly mode: "off" | "optional" | "required";
  /** The addresses of our proxies. */
  readonly trusted: Pick<AddressMatcher, "includes">;
}

/** The rule for the PROXY header of a connection. */
export type HeaderRule = "none" | "optional" | "required" | "refused";

/** Returns the rule for one peer. Only a trusted peer's header is read. */
export function headerRule({ mode, trusted }: ProxyPolicy, address: string): HeaderRule {
  if (mode === "off") return "none";
  if (trusted.includes(address)) return mode;
  return mode === "required" ? "refused" : "none";
}

/** Options of the acceptor. */
export interface AcceptorOptions {
  readonly proxyProtocol: ProxyPolicy;
  /** How long to wait for an optional header before the greeting, in milliseconds. */
  readonly silenceMs: number;
  readonly observe: Observer;
}

/** One new connection, on any kind of socket. */
export interface Incoming<T> {
  readonly peerAddress: string;
  /** Reads the PROXY header. */
  readHeader(options: HeaderOptions): Promise<T>;
  /** Passes the connection on. */
  accept(start: T | undefined): void;
  drop(): void;
}

/** The maximum number of connections that wait for their header. A proxy sends it without delay. */
const WAITING_LIMIT = 256;

/** Accepts connections, after their PROXY header where one is expected. */
export class Acceptor {
  readonly #options: AcceptorOptions;
  #waitingCount = 0;

  constructor(options: AcceptorOptions) {
    this.#options = options;
  }

  /** Accepts or drops a connection: in this tick if no header is expected, else in the tick of its last octet. */
  receive<T>(incoming: Incoming<T>): void {
    const { proxyProtocol, silenceMs } = this.#options;
    const rule = headerRule(proxyProtocol, incoming.peerAddress);
    if (rule === "none") return incoming.accept(undefined);
    if (rule === "refused") return this.#refuse(incoming, "not through a trusted proxy");
    if (this.#waitingCount >= WAITING_LIMIT) return this.#refuse(incoming, "too many connections");
    this.#waitingCount++;
    incoming.readHeader({ required: rule === "required", silenceMs })
      .finally(() => this.#waitingCount--)
      .then(
        (start) => incoming.accept(start),
        (cause) => this.#refuse(incoming, "bad PROXY header", cause),
      );
  }

  #refuse<T>(incoming: Incoming<T>, reason: RejectionReason, cause?: unknown): void {
    this.#options.observe({ type: "rejected", address: incoming.peerAddress, reason, cause });
    incoming.drop();
  }
}

/** Options of a listener on any kind of socket. */
export interface ListenerOptions {
  readonly acceptor: Acceptor;
  readonly clock: Clock;
  readonly onArrival: (arrival: Arrival) => void;
  /** Called when accepting fails; again only after it has worked in between. */
  readonly onFailure: (endpoint: Endpoint, cause: unknown) => void;
}

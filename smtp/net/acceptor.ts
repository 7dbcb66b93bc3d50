/**
 * The first look at a connection: whether it is let in, and as whose.
 *
 * @module
 */
import type { Observer, RejectionReason } from "../events.ts";
import type { Arrival, Endpoint } from "./transport.ts";
import { type HeaderOptions, headerRule, type ProxyPolicy } from "./header_reader.ts";

/** What the front door is given. */
export interface FrontDoorOptions {
  readonly proxyProtocol: ProxyPolicy;
  /** How long a client that need not introduce itself may be silent before it is greeted, in milliseconds. */
  readonly silenceMs: number;
  readonly observe: Observer;
}

/** One connection, as its kind of socket allows to deal with it. */
export interface Visitor<T> {
  readonly peerAddress: string;
  /** Reads the PROXY header. */
  introduce(options: HeaderOptions): Promise<T>;
  /** Passes the connection on. */
  enter(introduction: T | undefined): void;
  drop(): void;
}

/** Connections that may wait for their header at once; a proxy sends it without delay. */
const WAITING_LIMIT = 256;

/** Lets connections in, with a PROXY header where one is due. */
export class FrontDoor {
  readonly #options: FrontDoorOptions;
  #waitingCount = 0;

  constructor(options: FrontDoorOptions) {
    this.#options = options;
  }

  /** Lets a visitor enter: in this tick where no header is due, else in that of its last octet. */
  receive<T>(visitor: Visitor<T>): void {
    const rule = headerRule(this.#options.proxyProtocol, visitor.peerAddress);
    if (rule === "none") return visitor.enter(undefined);
    if (rule === "refused") return this.#refuse(visitor, "not through a trusted proxy");
    if (this.#waitingCount >= WAITING_LIMIT) return this.#refuse(visitor, "too many connections");
    this.#waitingCount++;
    visitor.introduce({ required: rule === "required", silenceMs: this.#options.silenceMs })
      .finally(() => this.#waitingCount--)
      .then(
        (introduction) => visitor.enter(introduction),
        (cause) => this.#refuse(visitor, "bad PROXY header", cause),
      );
  }

  #refuse<T>(visitor: Visitor<T>, reason: RejectionReason, cause?: unknown): void {
    this.#options.observe({ type: "rejected", address: visitor.peerAddress, reason, cause });
    visitor.drop();
  }
}

/** What a listener is given, whatever its sockets. */
export interface ListenerOptions {
  readonly frontDoor: FrontDoor;
  readonly onArrival: (arrival: Arrival) => void;
  /** Told when accepting fails; again only after it has worked in between. */
  readonly onFailure: (endpoint: Endpoint, cause: unknown) => void;
}

/**
 * Connections in memory: two linked transports, as strict as the contract in `transport.ts` allows.
 *
 * @module
 */
import type { Transport } from "../net/transport.ts";
import { Pipe } from "./pipe.ts";

/** Options of a pair of transports. */
export interface PairOptions {
  /** Capacity of each direction before a write has to wait. */
  readonly capacityOctets?: number;
  /** Whether TLS protects it from the start. */
  readonly secure?: boolean;
  /** The address of the other end, as each end sees it. */
  readonly remoteAddress?: string;
}

export const DEFAULT_CAPACITY_OCTETS = 262_144;

/** Returns the two ends of a connection. */
export function linkedTransports(options: PairOptions = {}): [MemoryTransport, MemoryTransport] {
  const { capacityOctets = DEFAULT_CAPACITY_OCTETS } = options;
  const there = new Pipe(capacityOctets);
  const back = new Pipe(capacityOctets);
  const handshake = new Handshake();
  return [
    new MemoryTransport(back, there, handshake, options),
    new MemoryTransport(there, back, handshake, options),
  ];
}

/** One end of a connection. A read returns one packet, the octets of one write. */
export class MemoryTransport implements Transport {
  readonly remoteAddress: string;
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;
  readonly #handshake: Handshake;
  #secure: boolean;

  constructor(incoming: Pipe, outgoing: Pipe, handshake: Handshake, options: PairOptions) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#handshake = handshake;
    this.#secure = options.secure ?? false;
    this.remoteAddress = options.remoteAddress ?? "192.0.2.1";
  }

  get secure(): boolean {
    return this.#secure;
  }

  /** Whether the other end has ended the stream, and all of it was read. */
  get ended(): boolean {
    return this.#incoming.ended;
  }

  /** Whether octets wait to be read. */
  get hasUnread(): boolean {
    return this.#incoming.hasPackets;
  }

  /** Violations of the contract of {@linkcode Transport} by either end. */
  get misuses(): readonly string[] {
    return [...this.#incoming.misuses, ...this.#outgoing.misuses];
  }

  read(): Promise<Uint8Array | null> {
    return this.#incoming.read();
  }

  /** Takes all packets that have arrived. */
  takePackets(): Uint8Array[] {
    return this.#incoming.takePackets();
  }

  write(octets: Uint8Array): Promise<void> {
    return this.#outgoing.write(octets);
  }

  startTls(goAhead?: Uint8Array): Promise<void> {
    const sent = goAhead === undefined ? Promise.resolve() : this.write(goAhead);
    this.#incoming.takePackets();
    const secured = this.#handshake.join(() => this.hasUnread);
    return Promise.all([sent, secured]).then(() => {
      this.#secure = true;
    });
  }

  /** Makes the handshake fail for both ends, as a refused certificate does. */
  failTls(error: Error): void {
    this.#handshake.fail(error);
  }

  close(): void {
    this.#outgoing.end();
    this.#incoming.stopReading();
    this.#handshake.fail(new Error("connection ended inside the TLS handshake"));
  }

  /** Ends the stream of this end. The other end can go on sending. */
  halfClose(): void {
    this.#outgoing.end();
  }

  /** Breaks the connection: octets in transit are lost, and both ends get errors. */
  reset(): void {
    const error = new Error("connection reset by peer");
    this.#outgoing.break(error);
    this.#incoming.break(error);
    this.#handshake.fail(error);
  }
}

/** A TLS handshake, which both ends must join. */
class Handshake {
  #first: { isSpoiled: () => boolean; done: PromiseWithResolvers<void> } | undefined;
  #failure: Error | undefined;

  /** @param isSpoiled Whether plain octets have arrived where only TLS may. */
  join(isSpoiled: () => boolean): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#first === undefined) {
      this.#first = { isSpoiled, done: Promise.withResolvers() };
    } else if (this.#first.isSpoiled()) {
      this.fail(new Error("plain octets inside the TLS handshake"));
    } else this.#first.done.resolve();
    return this.#first.done.promise;
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#first?.done.reject(error);
  }
}

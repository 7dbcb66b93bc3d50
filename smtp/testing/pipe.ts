/**
 * One direction of a connection in memory.
 *
 * @module
 */

/** Overwrites octets that are no longer valid, so that their use is noticed. */
const SPOILED = 0xee;

interface PendingWrite {
  readonly octets: Uint8Array;
  readonly done: PromiseWithResolvers<void>;
}

/** A bounded queue of packets. */
export class Pipe {
  readonly #capacityOctets: number;
  #packets: Uint8Array[] = [];
  #reading: PromiseWithResolvers<Uint8Array | null> | undefined;
  #writing: PendingWrite | undefined;
  /** The packet that the last read returned. */
  #lent: Uint8Array | undefined;
  #ended = false;
  /** Whether the reader has closed its end: octets that are written get lost, as on a network. */
  #deaf = false;
  #failure: Error | undefined;
  /** Violations of the contract of `Transport`. */
  readonly misuses: string[] = [];

  constructor(capacityOctets: number) {
    this.#capacityOctets = capacityOctets;
  }

  get hasPackets(): boolean {
    return this.#packets.length > 0;
  }

  get ended(): boolean {
    return this.#ended && this.#packets.length === 0;
  }

  /** Returns the next packet; null at the end. Overwrites the packet before, which is no longer valid. */
  read(): Promise<Uint8Array | null> {
    if (this.#reading !== undefined) return this.#misused("two reads at once");
    this.#lent?.fill(SPOILED);
    this.#lent = undefined;
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const packet = this.#packets.shift();
    if (packet !== undefined) {
      this.#lent = packet;
      this.#admitWriter();
      return Promise.resolve(packet);
    }
    if (this.#ended) return Promise.resolve(null);
    this.#reading = Promise.withResolvers();
    return this.#reading.promise;
  }

  /** Takes all packets. */
  takePackets(): Uint8Array[] {
    const packets: Uint8Array[] = [];
    while (this.#packets.length > 0) {
      packets.push(...this.#packets.splice(0));
      this.#admitWriter();
    }
    return packets;
  }

  /** Writes octets. Resolves when they have been copied. */
  write(octets: Uint8Array): Promise<void> {
    if (this.#writing !== undefined) return this.#misused("two writes at once");
    if (this.#ended) return Promise.reject(new Error("connection closed"));
    if (this.#deaf || octets.length === 0) return Promise.resolve();
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#isFull) {
      this.#writing = { octets, done: Promise.withResolvers() };
      return this.#writing.done.promise;
    }
    this.#accept(octets);
    return Promise.resolve();
  }

  /** Ends the stream after the octets that have been copied. */
  end(): void {
    this.#writing?.done.reject(new Error("connection closed"));
    this.#writing = undefined;
    this.#ended = true;
    this.#reading?.resolve(null);
    this.#reading = undefined;
  }

  /** Ends the reading side. */
  stopReading(): void {
    this.#deaf = true;
    this.#packets = [];
    this.#failReader(new Error("connection closed"));
    this.#writing?.done.resolve();
    this.#writing = undefined;
  }

  /** Breaks the stream: packets in transit get lost. */
  break(error: Error): void {
    this.#packets = [];
    this.#failReader(error);
    this.#writing?.done.reject(error);
    this.#writing = undefined;
  }

  get #isFull(): boolean {
    const octetCount = this.#packets.reduce((sum, packet) => sum + packet.length, 0);
    return octetCount >= this.#capacityOctets;
  }

  #accept(octets: Uint8Array): void {
    const packet = octets.slice();
    if (this.#reading === undefined) return void this.#packets.push(packet);
    this.#lent = packet;
    this.#reading.resolve(packet);
    this.#reading = undefined;
  }

  #admitWriter(): void {
    const writing = this.#writing;
    if (writing === undefined || this.#isFull) return;
    this.#writing = undefined;
    this.#accept(writing.octets);
    writing.done.resolve();
  }

  #misused(what: string): Promise<never> {
    this.misuses.push(what);
    return Promise.reject(new Error(what));
  }

  #failReader(error: Error): void {
    this.#failure ??= error;
    this.#reading?.reject(this.#failure);
    this.#reading = undefined;
  }
}

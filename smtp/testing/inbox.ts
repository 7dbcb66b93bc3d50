/**
 * The octets that one end of a connection has received, as lines and packets.
 *
 * @module
 */
import { concat } from "../protocol/octets.ts";
import type { MemoryTransport } from "./memory_transport.ts";

const CR = 13;
const LF = 10;

/** A line that has arrived. */
export interface ArrivedLine {
  /** Without CR LF. A bare LF is kept, so that it can be seen. */
  readonly octets: Uint8Array;
  /** Whether it arrived in the same packet as the line before. */
  readonly inSamePacket: boolean;
}

/** Collects the octets that arrive at a test's end of a connection. */
export class Inbox {
  readonly transport: MemoryTransport;
  #unread: Uint8Array = new Uint8Array(0);
  /** Octets read so far. */
  #position = 0;
  /** The position of each packet. */
  #packetStarts: number[] = [];
  #lastLinePacket = -1;

  constructor(transport: MemoryTransport) {
    this.transport = transport;
  }

  /** Octets that have arrived and have not been taken. */
  get unread(): Uint8Array {
    for (const packet of this.transport.takePackets()) {
      this.#packetStarts.push(this.#position + this.#unread.length);
      this.#unread = concat(this.#unread, packet);
    }
    return this.#unread;
  }

  /** Takes the next line; undefined if none has arrived. */
  takeLine(): ArrivedLine | undefined {
    const end = this.unread.indexOf(LF);
    if (end === -1) return undefined;
    const packet = this.#packetStarts.findLastIndex((start) => start <= this.#position);
    const inSamePacket = packet === this.#lastLinePacket;
    this.#lastLinePacket = packet;
    const line = this.take(end + 1);
    return { octets: line.at(-2) === CR ? line.subarray(0, -2) : line, inSamePacket };
  }

  /** Takes octets, or fewer if not all have arrived. */
  take(octetCount: number): Uint8Array {
    const octets = this.unread.subarray(0, octetCount);
    this.#unread = this.#unread.subarray(octets.length);
    this.#position += octets.length;
    return octets;
  }
}

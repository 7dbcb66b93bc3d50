/**
 * How many clients are connected: in all, and from each network. All threads that serve clients count in the same memory.
 *
 * @module
 */

/** What all sessions together may take. */
export interface ServerLimits {
  readonly connectionCount: number;
  /** IPv6: per /64 network. */
  readonly connectionCountPerAddress: number;
}

export const DEFAULT_SERVER_LIMITS: ServerLimits = {
  connectionCount: 2_000,
  connectionCountPerAddress: 50,
};

/** Where a census is taken; may be handed to another thread. */
export interface CensusMemory {
  /** The first counts all clients; each of the others those of the networks that fall to it. */
  readonly counters: Int32Array;
  /** Known to nobody else, so that nobody can choose a network that shares another one's counter. */
  readonly seed: number;
}

/**
 * Far more than there may be clients: two networks hardly ever share a counter, and if they do, they share their limit as
 * well.
 */
const NETWORK_COUNTERS = 65_536;

const ALL = 0;

/** Memory for one census. It counts nobody yet. */
export function createCensusMemory(): CensusMemory {
  const octetCount = (1 + NETWORK_COUNTERS) * Int32Array.BYTES_PER_ELEMENT;
  return {
    counters: new Int32Array(new SharedArrayBuffer(octetCount)),
    seed: crypto.getRandomValues(new Uint32Array(1))[0]!,
  };
}

/** Counts clients as they come and go. */
export class Census {
  readonly #limits: ServerLimits;
  readonly #memory: CensusMemory;

  constructor(limits: ServerLimits, memory: CensusMemory) {
    this.#limits = limits;
    this.#memory = memory;
  }

  /** How many clients are connected. */
  get connectionCount(): number {
    return Atomics.load(this.#memory.counters, ALL);
  }

  /** Counts a client, unless that were one too many. @returns whether it may stay; then it has to {@linkcode leave}. */
  enter(network: string): boolean {
    const { connectionCount, connectionCountPerAddress } = this.#limits;
    const { counters } = this.#memory;
    const others = Atomics.add(counters, ALL, 1);
    const neighbours = Atomics.add(counters, this.#counterOf(network), 1);
    const mayStay = others < connectionCount && neighbours < connectionCountPerAddress;
    if (!mayStay) this.leave(network);
    return mayStay;
  }

  leave(network: string): void {
    const { counters } = this.#memory;
    Atomics.sub(counters, ALL, 1);
    Atomics.sub(counters, this.#counterOf(network), 1);
  }

  /** FNV-1a, seeded. */
  #counterOf(network: string): number {
    let hash = this.#memory.seed;
    for (let index = 0; index < network.length; index++) {
      hash = Math.imul(hash ^ network.charCodeAt(index), 0x01000193);
    }
    return 1 + ((hash ^ hash >>> 16) & NETWORK_COUNTERS - 1);
  }
}

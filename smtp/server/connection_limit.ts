/**
 * The limit of client connections: in total, and per network.
 *
 * @module
 */

/** Limits of all sessions together. */
export interface ServerLimits {
  readonly connectionCount: number;
  /** IPv6: per /64 network. */
  readonly connectionCountPerAddress: number;
}

export const DEFAULT_SERVER_LIMITS: ServerLimits = {
  connectionCount: 2_000,
  connectionCountPerAddress: 50,
};

/** Counts connections. */
export class ConnectionLimit {
  readonly #limits: ServerLimits;
  readonly #countByNetwork = new Map<string, number>();
  #count = 0;

  constructor(limits: ServerLimits) {
    this.#limits = limits;
  }

  /** Number of connected clients. */
  get connectionCount(): number {
    return this.#count;
  }

  /** Counts a client; false if a limit is reached. A counted client has to {@linkcode leave}. */
  enter(network: string): boolean {
    const { connectionCount, connectionCountPerAddress } = this.#limits;
    const neighbourCount = this.#countByNetwork.get(network) ?? 0;
    if (this.#count >= connectionCount || neighbourCount >= connectionCountPerAddress) return false;
    this.#count++;
    this.#countByNetwork.set(network, neighbourCount + 1);
    return true;
  }

  /** Stops counting a client. */
  leave(network: string): void {
    this.#count--;
    const neighbourCount = this.#countByNetwork.get(network)! - 1;
    if (neighbourCount === 0) this.#countByNetwork.delete(network);
    else this.#countByNetwork.set(network, neighbourCount);
  }
}

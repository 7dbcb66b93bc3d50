/**
 * How many clients may be connected: in all, and from each network.
 *
 * @module
 */

/** Limits that all sessions share. */
export interface ServerLimits {
  readonly connectionCount: number;
  /** IPv6: per /64 network. */
  readonly connectionCountPerAddress: number;
}

export const DEFAULT_SERVER_LIMITS: ServerLimits = {
  connectionCount: 2_000,
  connectionCountPerAddress: 50,
};

/** Counts clients as they come and go. */
export class ConnectionLimit {
  readonly #limits: ServerLimits;
  readonly #countByNetwork = new Map<string, number>();
  #count = 0;

  constructor(limits: ServerLimits) {
    this.#limits = limits;
  }

  /** How many clients are connected. */
  get connectionCount(): number {
    return this.#count;
  }

  /** Counts a client; false if a limit is reached. A client that was counted has to {@linkcode leave}. */
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

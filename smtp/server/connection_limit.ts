/**
 * The limits of client connections: in total, for a network and for an account.
 *
 * A connection without a login keeps its place only while no other client needs it: the oldest one makes room. Some places
 * are reserved for networks from which a client has logged in before, and their clients never make room for unknown ones.
 *
 * @module
 */
import { clientNetworks } from "../net/mod.ts";

/** Limits of all sessions together. */
export interface ServerLimits {
  readonly connectionCount: number;
  /**
   * From one IPv4 address or IPv6 /64 network, and of one account; twice and four times as many from an IPv6 /56 and /48
   * network.
   */
  readonly connectionCountPerAddress: number;
}

export const DEFAULT_SERVER_LIMITS: ServerLimits = {
  connectionCount: 2_000,
  connectionCountPerAddress: 50,
};

/** The part of all places that is reserved for networks with a login. */
const RESERVED_PART = 1 / 10;
/** Networks with a login that are remembered, about 100 octets each. The least recently used one is dropped first. */
const PROVEN_NETWORK_LIMIT = 10_000;

/** The place of one connection. */
export interface Place {
  /** Ends the connection, to make room for another. */
  evict(): void;
  /** Narrowest first. */
  readonly networks: readonly string[];
  /** The account that has logged in. */
  accountId?: string;
}

/** Gives places to connections. */
export class ConnectionLimit {
  readonly #limits: ServerLimits;
  /** Connections with a login. */
  readonly #members = new Set<Place>();
  /** Connections without a login from a network with one, oldest first. */
  readonly #familiar = new Set<Place>();
  /** All other connections, oldest first. */
  readonly #strangers = new Set<Place>();
  /** Oldest first. */
  readonly #byNetwork = new Map<string, Set<Place>>();
  readonly #countByAccount = new Map<string, number>();
  /** The most recent last. */
  readonly #provenNetworks = new Set<string>();

  constructor(limits: ServerLimits) {
    this.#limits = limits;
  }

  /** Number of connected clients. */
  get connectionCount(): number {
    return this.#members.size + this.#familiar.size + this.#strangers.size;
  }

  /** Gives a client a place, which it must {@linkcode leave}; undefined if there is none. */
  enter(address: string, evict: () => void): Place | undefined {
    const networks = clientNetworks(address);
    const { connectionCountPerAddress } = this.#limits;
    const hasRoom = networks.every((network, level) => {
      const places = this.#byNetwork.get(network);
      const limit = connectionCountPerAddress * 2 ** level;
      return places === undefined || places.size < limit || this.#makeRoom(places);
    });
    const isProven = this.#provenNetworks.has(networks[0]);
    if (!hasRoom || !this.#hasPlaceFor(isProven)) return undefined;
    const place: Place = { evict, networks };
    (isProven ? this.#familiar : this.#strangers).add(place);
    for (const network of networks) this.#placesOf(network).add(place);
    return place;
  }

  /** Notes that a client has logged in; false if its account has too many connections. */
  logIn(place: Place, accountId: string): boolean {
    const count = this.#countByAccount.get(accountId) ?? 0;
    if (count >= this.#limits.connectionCountPerAddress) return false;
    // It may have been evicted meanwhile.
    if (!this.#strangers.delete(place) && !this.#familiar.delete(place)) return true;
    this.#members.add(place);
    this.#countByAccount.set(accountId, count + 1);
    place.accountId = accountId;
    this.#prove(place.networks[0]!);
    return true;
  }

  /** Takes a client's place back; false if that has happened already. */
  leave(place: Place): boolean {
    const { accountId, networks } = place;
    const sets = [this.#members, this.#familiar, this.#strangers];
    if (!sets.some((places) => places.delete(place))) return false;
    for (const network of networks) {
      const places = this.#byNetwork.get(network)!;
      places.delete(place);
      if (places.size === 0) this.#byNetwork.delete(network);
    }
    if (accountId === undefined) return true;
    const count = this.#countByAccount.get(accountId)! - 1;
    if (count === 0) this.#countByAccount.delete(accountId);
    else this.#countByAccount.set(accountId, count);
    return true;
  }

  /**
   * Whether there is a place, or another connection makes room. @param isProven Whether a client of its network has logged
   * in.
   */
  #hasPlaceFor(isProven: boolean): boolean {
    const { connectionCount } = this.#limits;
    const reserved = isProven ? 0 : Math.floor(connectionCount * RESERVED_PART);
    return this.connectionCount < connectionCount - reserved || this.#makeRoom(this.#strangers) ||
      isProven && this.#makeRoom(this.#familiar);
  }

  /** Ends the oldest connection without a login. @returns whether there was one. */
  #makeRoom(places: ReadonlySet<Place>): boolean {
    for (const place of places) {
      if (place.accountId !== undefined) continue;
      this.leave(place);
      place.evict();
      return true;
    }
    return false;
  }

  #prove(network: string): void {
    const networks = this.#provenNetworks;
    networks.delete(network);
    networks.add(network);
    if (networks.size > PROVEN_NETWORK_LIMIT) networks.delete(networks.values().next().value!);
  }

  #placesOf(network: string): Set<Place> {
    const known = this.#byNetwork.get(network);
    if (known !== undefined) return known;
    const places = new Set<Place>();
    this.#byNetwork.set(network, places);
    return places;
  }
}

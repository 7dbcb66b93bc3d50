/**
 * The open connections of the web servers: counted in all and by network. One that waits for its client makes room for a new one.
 *
 * @module
 */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { clientNetworks } from "../../smtp/mod.ts";
import { type HttpLimits, REQUESTS_PER_CONNECTION, RESERVED_CONNECTIONS } from "./limits.ts";

/** One open connection. */
export interface HttpConnection {
  readonly socket: Pick<Socket, "destroy">;
  /** Of the client, narrowest first; none for a peer that is trusted. */
  readonly networks: readonly string[];
  /** Requests whose header has come in, and which are not answered yet. */
  waitingCount: number;
  /** Whether a page is being made for it. Else it can make room for others: it waits for its client, to send or to read. */
  isWorking: boolean;
  /** Whether an answer is on its way to the client. */
  isSending: boolean;
  /** Requests beyond the limit. They get no answer: the connection closes after the last one that does. */
  excessCount: number;
  /** The answer to the request that came last. */
  latest?: Pick<ServerResponse, "headersSent" | "req">;
  /** Resolves when all requests so far are answered. Never rejects. */
  answered: Promise<void>;
}

type Limits = Pick<HttpLimits, "connectionCount" | "connectionCountPerNetwork">;

/** Counts connections as they come and go. */
export class HttpConnections {
  readonly #limits: Limits;
  /** Oldest first. */
  readonly #open = new Set<HttpConnection>();
  readonly #byNetwork = new Map<string, Set<HttpConnection>>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** All open connections. */
  get open(): ReadonlySet<HttpConnection> {
    return this.#open;
  }

  /**
   * Counts a connection; `undefined` if there is no room for it. The oldest one that waits for its client makes room, in
   * the network that is full or among all.
   *
   * @param trusted A peer without a limit of its own.
   */
  enter(
    socket: HttpConnection["socket"],
    address: string,
    trusted: boolean,
  ): HttpConnection | undefined {
    const networks = trusted ? [] : clientNetworks(address);
    const { connectionCount, connectionCountPerNetwork } = this.#limits;
    const total = trusted ? connectionCount : Math.max(1, connectionCount - RESERVED_CONNECTIONS);
    const hasRoom =
      networks.every((network, level) =>
        this.#makeRoom(this.#byNetwork.get(network), connectionCountPerNetwork * 2 ** level)
      ) && this.#makeRoom(this.#open, total);
    if (!hasRoom) return undefined;
    const connection: HttpConnection = {
      socket,
      networks,
      waitingCount: 0,
      isWorking: false,
      isSending: false,
      excessCount: 0,
      answered: Promise.resolve(),
    };
    this.#open.add(connection);
    for (const network of networks) this.#membersOf(network).add(connection);
    return connection;
  }

  /** Stops counting a connection. */
  leave(connection: HttpConnection): void {
    this.#open.delete(connection);
    for (const network of connection.networks) {
      const members = this.#byNetwork.get(network);
      members?.delete(connection);
      if (members?.size === 0) this.#byNetwork.delete(network);
    }
  }

  /** Counts a request; false if its connection has too many waiting, or has had. */
  begin(connection: HttpConnection): boolean {
    const { excessCount, waitingCount } = connection;
    if (excessCount > 0 || waitingCount >= REQUESTS_PER_CONNECTION) return false;
    connection.waitingCount++;
    return true;
  }

  /** Closes the connections that wait for a request. */
  closeIdle(): void {
    for (const connection of this.#open) if (connection.waitingCount === 0) this.#close(connection);
  }

  /** Closes all connections. */
  closeAll(): void {
    for (const connection of this.#open) this.#close(connection);
  }

  #makeRoom(members: ReadonlySet<HttpConnection> | undefined, limit: number): boolean {
    if (members === undefined || members.size < limit) return true;
    for (const connection of members) {
      if (connection.isWorking) continue;
      this.#close(connection);
      return true;
    }
    return false;
  }

  #close(connection: HttpConnection): void {
    this.leave(connection);
    connection.socket.destroy();
  }

  #membersOf(network: string): Set<HttpConnection> {
    const known = this.#byNetwork.get(network);
    if (known) return known;
    const members = new Set<HttpConnection>();
    this.#byNetwork.set(network, members);
    return members;
  }
}

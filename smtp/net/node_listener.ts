/**
 * Ports on node:net sockets: those with TLS.
 *
 * @module
 */
import { createServer, type Server, type Socket } from "node:net";
import { canonicalAddress } from "./address.ts";
import type { ProxyHeader } from "./proxy_header.ts";
import type { Accepted, Arrival, Endpoint, Listener } from "./transport.ts";
import { introduceSocket } from "./header_reader.ts";
import type { ListenerOptions } from "./acceptor.ts";
import type { PortProbe } from "./port_probe.ts";

/** Begins to talk on a socket, in the tick in which it is called. */
export type Beginning = (socket: Socket, header: ProxyHeader | undefined) => Promise<Accepted>;

/** One open port. */
export class NodeListener implements Listener {
  readonly #begin: Beginning;
  readonly #options: ListenerOptions;
  readonly #probe: PortProbe;
  #endpoint: Endpoint;
  #server: Server | undefined;

  private constructor(
    endpoint: Endpoint,
    begin: Beginning,
    probe: PortProbe,
    options: ListenerOptions,
  ) {
    this.#endpoint = endpoint;
    this.#begin = begin;
    this.#options = options;
    this.#probe = probe;
  }

  /** Opens a port. @param probe Begins to watch over it. */
  static async open(
    endpoint: Endpoint,
    begin: Beginning,
    probe: PortProbe,
    options: ListenerOptions,
  ): Promise<NodeListener> {
    const listener = new NodeListener(endpoint, begin, probe, options);
    await listener.#listen();
    probe.start(listener.endpoint, (cause) => listener.#reopen(cause));
    return listener;
  }

  get endpoint(): Endpoint {
    return this.#endpoint;
  }

  close(): void {
    this.#probe.stop();
    this.#server?.close();
    this.#server = undefined;
  }

  async #listen(): Promise<void> {
    const server = createServer(
      { noDelay: true, allowHalfOpen: true, keepAlive: true },
      (socket) => this.#accept(socket),
    );
    this.#server = server;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", reject);
    const { host, port } = this.#endpoint;
    server.listen({ host, port }, resolve);
    await promise;
    server.off("error", reject).on("error", (error) => this.#report(error));
    this.#endpoint = { ...this.#endpoint, port: (server.address() as { port: number }).port };
  }

  async #reopen(cause: unknown): Promise<void> {
    this.#report(cause);
    this.#server?.close();
    await this.#listen().catch((error) => this.#report(error));
  }

  #report(cause: unknown): void {
    this.#options.onFailure(this.#endpoint, cause);
  }

  #accept(socket: Socket): void {
    // Until a transport takes over, somebody has to hear of errors.
    socket.on("error", () => socket.destroy());
    // A socket without an address was reset already.
    if (socket.remoteAddress === undefined) return void socket.destroy();
    this.#probe.heard();
    const isTrial = socket.remoteAddress === socket.localAddress &&
      this.#probe.isTrial(socket.remotePort!);
    if (isTrial) this.#sort(socket, isTrial);
    else this.#receive(socket);
  }

  async #sort(socket: Socket, isTrial: Promise<boolean>): Promise<void> {
    if (await isTrial) return void socket.destroy();
    // Octets that have come in several pieces meanwhile would be too much for node:tls.
    const early = socket.read();
    if (early !== null) socket.unshift(early);
    this.#receive(socket);
  }

  #receive(socket: Socket): void {
    const peerAddress = canonicalAddress(socket.remoteAddress!);
    this.#options.frontDoor.receive<ProxyHeader | undefined>({
      peerAddress,
      introduce: (options) => introduceSocket(socket, options),
      enter: (header) => this.#options.onArrival(this.#arrival(socket, peerAddress, header)),
      drop: () => socket.destroy(),
    });
  }

  #arrival(socket: Socket, peerAddress: string, header: ProxyHeader | undefined): Arrival {
    const { kind, port } = this.#endpoint;
    return {
      remoteAddress: header?.address ?? peerAddress,
      port,
      accept: () => this.#begin(socket, header),
      reject: (octets) => {
        if (kind !== "tls") socket.write(octets);
        socket.destroySoon();
      },
    };
  }
}

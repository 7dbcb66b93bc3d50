/**
 * Ports with TLS, on node:net sockets.
 *
 * @module
 */
import { createServer, type Server, type Socket } from "node:net";
import type { ListenerOptions } from "./acceptor.ts";
import { canonicalAddress } from "./address.ts";
import { readSocketHeader } from "./header_reader.ts";
import { NodeArrival, type NodeArrivalOptions } from "./node_arrival.ts";
import { PortProbe } from "./port_probe.ts";
import type { ProxyHeader } from "./proxy_header.ts";
import type { Endpoint, Listener } from "./transport.ts";

/** Options of a port on node:net sockets. */
export type NodeListenerOptions = ListenerOptions & NodeArrivalOptions;

/** An open port. */
export class NodeListener implements Listener {
  readonly #options: NodeListenerOptions;
  readonly #probe: PortProbe;
  #endpoint: Endpoint;
  #server: Server | undefined;

  private constructor(endpoint: Endpoint, options: NodeListenerOptions) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.#probe = new PortProbe(options.clock);
  }

  /** Opens a port. @throws when it can't be opened. */
  static async open(endpoint: Endpoint, options: NodeListenerOptions): Promise<NodeListener> {
    const listener = new NodeListener(endpoint, options);
    await listener.#listen();
    listener.#probe.start(listener.endpoint, (cause) => listener.#reopen(cause));
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
    const { host, port, reusePort = false } = this.#endpoint;
    server.listen({ host, port, reusePort }, resolve);
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
    // Until a transport takes over, errors need a listener.
    socket.on("error", () => socket.destroy());
    // A socket without an address has already been reset.
    if (socket.remoteAddress === undefined) return void socket.destroy();
    this.#probe.accepted();
    const isTrial = socket.remoteAddress === socket.localAddress &&
      this.#probe.isTrial(socket.remotePort!);
    if (isTrial) this.#sort(socket, isTrial);
    else this.#receive(socket);
  }

  async #sort(socket: Socket, isTrial: Promise<boolean>): Promise<void> {
    if (await isTrial) return void socket.destroy();
    // node:tls cannot handle octets that arrived in several pieces meanwhile.
    const early = socket.read();
    if (early !== null) socket.unshift(early);
    this.#receive(socket);
  }

  #receive(socket: Socket): void {
    const { acceptor, clock, onArrival } = this.#options;
    acceptor.receive<ProxyHeader | undefined>({
      peerAddress: canonicalAddress(socket.remoteAddress!),
      readHeader: (options) => readSocketHeader(socket, options, clock),
      accept: (header) => onArrival(new NodeArrival(socket, header, this.#endpoint, this.#options)),
      drop: () => socket.destroy(),
    });
  }
}

/**
 * A port of this machine for submission servers that a test breaks.
 *
 * @module
 */
import { createServer, type Socket } from "node:net";
import { systemClock } from "../lib/base/mod.ts";
import type { CertificatePair } from "../smtp/mod.ts";
import { NodeTransport } from "../smtp/net/node_transport.ts";
import { TlsEngine } from "../smtp/net/tls_engine.ts";
import type { HostileUpstream } from "../smtp/testing/hostile_upstream.ts";

/** A port for upstreams that take turns. */
export class UpstreamPort implements AsyncDisposable {
  readonly #server = createServer({ allowHalfOpen: true, noDelay: true }, (it) => this.#serve(it));
  readonly #sockets = new Set<Socket>();
  /** Serves the connections that come from now on. */
  upstream: HostileUpstream | undefined;
  engine: TlsEngine;

  constructor(pair: CertificatePair) {
    this.engine = new TlsEngine(pair);
  }

  /** Opens a free port. @returns its number. */
  listen(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#server.listen({ host: "127.0.0.1", port: 0 }, () => {
      resolve((this.#server.address() as { port: number }).port);
    });
    return promise;
  }

  #serve(socket: Socket): void {
    socket.on("error", () => socket.destroy()).on("close", () => this.#sockets.delete(socket));
    this.#sockets.add(socket);
    this.upstream!.serve(
      new NodeTransport(socket, { engine: this.engine, clock: systemClock }),
      () => socket.resetAndDestroy(),
    );
  }

  /** Ends all connections, so that the program has to open another. */
  async dropAll(): Promise<void> {
    await Promise.all(
      [...this.#sockets].map((socket) =>
        new Promise((resolve) => socket.once("close", resolve).destroy())
      ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dropAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/**
 * Ports on Deno's own sockets: plain ones, at the least cost.
 *
 * @module
 */
import type { Arrival, Endpoint, Listener, Transport } from "./transport.ts";
import { introduceTransport } from "./header_reader.ts";
import type { ListenerOptions } from "./acceptor.ts";
import { NativeTransport } from "./native_transport.ts";

/** Accepting fails when there are no descriptors left; trying again at once would only burn CPU. */
const ACCEPT_PAUSE_MS = 50;

/** One open port. */
export class NativeListener implements Listener {
  readonly endpoint: Endpoint;
  readonly #options: ListenerOptions;
  readonly #listener: Deno.TcpListener;

  /** @throws when the port can't be opened. */
  constructor(endpoint: Endpoint, options: ListenerOptions) {
    this.#options = options;
    this.#listener = Deno.listen({ hostname: endpoint.host, port: endpoint.port });
    this.endpoint = { ...endpoint, port: (this.#listener.addr as Deno.NetAddr).port };
    this.#acceptAll();
  }

  close(): void {
    this.#listener.close();
  }

  /** A loop by hand: a client that resets early makes `accept` throw, which would end a `for await`. */
  async #acceptAll(): Promise<void> {
    let failing = false;
    for (;;) {
      try {
        const connection = await this.#listener.accept();
        failing = false;
        this.#receive(connection);
      } catch (error) {
        const closed = error instanceof Deno.errors.BadResource ||
          error instanceof Deno.errors.Interrupted;
        if (closed) return;
        if (error instanceof Deno.errors.NotConnected) continue;
        if (!failing) this.#options.onFailure(this.endpoint, error);
        failing = true;
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
      }
    }
  }

  #receive(connection: Deno.TcpConn): void {
    const transport = new NativeTransport(connection);
    const { port } = this.endpoint;
    this.#options.frontDoor.receive({
      peerAddress: transport.remoteAddress,
      introduce: (options) => introduceTransport(transport, options),
      enter: (introduced = transport) => this.#options.onArrival(arrivalOf(introduced, port)),
      drop: () => transport.close(),
    });
  }
}

function arrivalOf(transport: Transport, port: number): Arrival {
  return {
    remoteAddress: transport.remoteAddress,
    port,
    accept: () => Promise.resolve({ transport, startTls: false }),
    reject: (octets) => {
      const close = () => transport.close();
      transport.write(octets).then(close, close);
    },
  };
}

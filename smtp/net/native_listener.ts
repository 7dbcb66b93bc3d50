/**
 * Plain ports on Deno's own sockets, which cost the least CPU.
 *
 * @module
 */
import { pause } from "../clock.ts";
import type { ListenerOptions } from "./acceptor.ts";
import { readHeader } from "./header_reader.ts";
import { NativeTransport } from "./native_transport.ts";
import type { Endpoint, Listener } from "./transport.ts";

/** Accepting fails when there are no descriptors left. Trying again at once would waste CPU. */
const ACCEPT_PAUSE_MS = 50;
/**
 * Clients that are accepted before a pause. Waiting clients are accepted without a turn of the event loop in between, in
 * which others could be closed: a burst would take all descriptors, even if most of it is rejected.
 */
const ACCEPTED_AT_ONCE = 16;
/** The shortest timer. */
const TURN_MS = 1;

/** An open port. */
export class NativeListener implements Listener {
  readonly endpoint: Endpoint;
  readonly #options: ListenerOptions;
  readonly #listener: Deno.TcpListener;

  /** Opens the port. @throws when it can't be opened. */
  constructor(endpoint: Endpoint, options: ListenerOptions) {
    this.#options = options;
    const { host, port, reusePort = false } = endpoint;
    this.#listener = Deno.listen({ hostname: host, port, reusePort });
    this.endpoint = { ...endpoint, port: (this.#listener.addr as Deno.NetAddr).port };
    this.#acceptAll();
  }

  close(): void {
    this.#listener.close();
  }

  /** Accepts connections. `for await` would end when a client resets early and `accept` throws. */
  async #acceptAll(): Promise<void> {
    const { clock, onFailure } = this.#options;
    let failing = false;
    for (let count = 1;; count++) {
      try {
        this.#receive(await this.#listener.accept());
        failing = false;
        if (count % ACCEPTED_AT_ONCE === 0) await pause(clock, TURN_MS);
      } catch (error) {
        const closed = error instanceof Deno.errors.BadResource ||
          error instanceof Deno.errors.Interrupted;
        if (closed) return;
        if (error instanceof Deno.errors.NotConnected) continue;
        if (!failing) onFailure(this.endpoint, error);
        failing = true;
        await pause(clock, ACCEPT_PAUSE_MS);
      }
    }
  }

  #receive(connection: Deno.TcpConn): void {
    const { acceptor, clock } = this.#options;
    const transport = new NativeTransport(connection, clock);
    acceptor.receive({
      peerAddress: transport.remoteAddress,
      readHeader: (options) => readHeader(() => transport.read(), options, clock),
      accept: (start) => {
        if (start !== undefined) transport.takeOver(start);
        this.#pass(transport);
      },
      drop: () => transport.close(),
    });
  }

  #pass(transport: NativeTransport): void {
    this.#options.onArrival({
      remoteAddress: transport.remoteAddress,
      port: this.endpoint.port,
      accept: () => Promise.resolve({ transport, startTls: false }),
      reject: (octets) => {
        const close = () => transport.close();
        transport.write(octets).then(close, close);
      },
    });
  }
}

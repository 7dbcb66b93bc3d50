/**
 * Ports, opened for real.
 *
 * @module
 */
import type { Clock } from "../clock.ts";
import type { Observer } from "../events.ts";
import { FrontDoor } from "./acceptor.ts";
import { formatAddress } from "./address.ts";
import type { ProxyPolicy } from "./header_reader.ts";
import { NativeListener } from "./native_listener.ts";
import { NodeListener } from "./node_listener.ts";
import type { TlsEngine } from "./tls_engine.ts";
import type { Arrival, Endpoint, Listener, Network } from "./transport.ts";

/** Options of the network. */
export interface TcpNetworkOptions {
  readonly clock: Clock;
  /** Needed by ports of any kind but `plain`. */
  readonly engine?: TlsEngine;
  /** How long an `auto` port waits for a TLS client to speak before it greets in plain text, in milliseconds. */
  readonly inspectionDelayMs: number;
  /** Whose PROXY headers are believed; absent: nobody's. */
  readonly proxyProtocol?: ProxyPolicy;
  /** Told of connections that are turned away here, and when accepting fails. */
  readonly observe: Observer;
}

const NO_PROXY: ProxyPolicy = { mode: "off", trusts: () => false };

/** Opens ports with Deno's and Node's sockets. */
export class TcpNetwork implements Network {
  readonly #options: TcpNetworkOptions;
  readonly #frontDoor: FrontDoor;

  constructor(options: TcpNetworkOptions) {
    this.#options = options;
    this.#frontDoor = new FrontDoor({
      proxyProtocol: options.proxyProtocol ?? NO_PROXY,
      silenceMs: options.inspectionDelayMs,
      observe: options.observe,
    });
  }

  // deno-lint-ignore require-await -- a port that can't be opened has to be a rejection, whatever its kind.
  async listen(endpoint: Endpoint, onArrival: (arrival: Arrival) => void): Promise<Listener> {
    const { engine, clock, inspectionDelayMs, observe } = this.#options;
    const options = {
      frontDoor: this.#frontDoor,
      clock,
      onArrival,
      onFailure: ({ host, port }: Endpoint, cause: unknown) =>
        observe({ type: "listener-failure", address: formatAddress(host, port), cause }),
    };
    if (endpoint.kind === "plain") return new NativeListener(endpoint, options);
    if (engine === undefined) throw new TypeError("a port with TLS needs a certificate");
    return NodeListener.open(endpoint, { ...options, engine, inspectionDelayMs });
  }
}

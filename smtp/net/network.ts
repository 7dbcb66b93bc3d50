/**
 * Opening real ports.
 *
 * @module
 */
import type { Clock } from "../clock.ts";
import type { Observer } from "../events.ts";
import { Acceptor, type ProxyPolicy } from "./acceptor.ts";
import { formatAddress } from "./address.ts";
import { NativeListener } from "./native_listener.ts";
import { NodeListener } from "./node_listener.ts";
import { TlsEngine } from "./tls_engine.ts";
import type { Arrival, CertificatePair, Endpoint, Listener, Network } from "./transport.ts";

/** Options of the network. */
export interface TcpNetworkOptions {
  readonly clock: Clock;
  /** Needed by ports of any kind but `plain`. */
  readonly certificate?: CertificatePair;
  /** How long an `auto` port waits for a TLS client to speak before it greets in plain text, in milliseconds. */
  readonly inspectionDelayMs: number;
  readonly proxyProtocol: ProxyPolicy;
  /** Gets connections that are rejected here, and failures to accept. */
  readonly observe: Observer;
}

/** Opens ports with Deno's and Node's sockets. */
export class TcpNetwork implements Network {
  readonly #options: TcpNetworkOptions;
  readonly #acceptor: Acceptor;
  readonly #engine: TlsEngine | undefined;

  /** @throws {TypeError} when the certificate is no pair. */
  constructor(options: TcpNetworkOptions) {
    const { certificate, proxyProtocol, inspectionDelayMs, observe } = options;
    this.#options = options;
    this.#engine = certificate && new TlsEngine(certificate);
    this.#acceptor = new Acceptor({ proxyProtocol, silenceMs: inspectionDelayMs, observe });
  }

  // deno-lint-ignore require-await -- a port that can't be opened must be a rejection, whatever its kind.
  async listen(endpoint: Endpoint, onArrival: (arrival: Arrival) => void): Promise<Listener> {
    const { clock, inspectionDelayMs, observe } = this.#options;
    const options = {
      acceptor: this.#acceptor,
      clock,
      onArrival,
      onFailure: ({ host, port }: Endpoint, cause: unknown) =>
        observe({ type: "listener-failure", address: formatAddress(host, port), cause }),
    };
    if (endpoint.kind === "plain") return new NativeListener(endpoint, options);
    const engine = this.#engine;
    if (engine === undefined) throw new TypeError("a port with TLS needs a certificate");
    return NodeListener.open(endpoint, { ...options, engine, inspectionDelayMs });
  }

  useCertificate(pair: CertificatePair): void {
    this.#engine?.reload(pair);
  }
}

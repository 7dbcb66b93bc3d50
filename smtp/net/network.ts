/**
 * Ports, opened for real.
 *
 * @module
 */
import { formatAddress } from "./address.ts";
import type { Observer } from "../events.ts";
import type { ProxyHeader } from "./proxy_header.ts";
import type { Accepted, Arrival, Endpoint, Listener, Network, PortKind } from "./transport.ts";
import { FrontDoor } from "./acceptor.ts";
import { IntroducedTransport, type ProxyPolicy } from "./header_reader.ts";
import { NativeListener } from "./native_listener.ts";
import { type Beginning, NodeListener } from "./node_listener.ts";
import { NodeTransport } from "./node_transport.ts";
import { PortProbe } from "./port_probe.ts";
import { TLS_HANDSHAKE, type TlsEngine } from "./tls_engine.ts";
import type { Socket } from "node:net";

/** What the network is given. */
export interface TcpNetworkOptions {
  /** Needed by ports of any kind but `plain`. */
  readonly engine?: TlsEngine;
  /** How long an `auto` port waits for a TLS client to speak before it greets in plain text, in milliseconds. */
  readonly inspectionDelayMs: number;
  /** Whose PROXY headers are believed; absent: nobody's. */
  readonly proxyProtocol?: ProxyPolicy;
  /** How often a quiet port is tried, in milliseconds. */
  readonly probeIntervalMs?: number;
  /** Told of connections that are turned away here, and when accepting fails. */
  readonly observe: Observer;
}

/** How often a quiet port is tried. */
const PROBE_INTERVAL_MS = 10_000;
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
    const { engine, observe, probeIntervalMs = PROBE_INTERVAL_MS } = this.#options;
    const options = {
      frontDoor: this.#frontDoor,
      onArrival,
      onFailure: ({ host, port }: Endpoint, cause: unknown) =>
        observe({ type: "listener-failure", address: formatAddress(host, port), cause }),
    };
    if (endpoint.kind === "plain") return new NativeListener(endpoint, options);
    if (engine === undefined) throw new TypeError("a port with TLS needs a certificate");
    const begin = BEGINNINGS[endpoint.kind](engine, this.#options.inspectionDelayMs);
    return NodeListener.open(endpoint, begin, new PortProbe(probeIntervalMs), options);
  }
}

type BeginningMaker = (engine: TlsEngine, inspectionDelayMs: number) => Beginning;

const BEGINNINGS: Readonly<Record<Exclude<PortKind, "plain">, BeginningMaker>> = {
  tls: (engine) => (socket, header) => beginWithTls(socket, engine, header),
  starttls: (engine) => (socket, header) => Promise.resolve(beginPlain(socket, engine, header)),
  auto: beginAsTheClientLikes,
};

async function beginWithTls(
  socket: Socket,
  engine: TlsEngine,
  header: ProxyHeader | undefined,
): Promise<Accepted> {
  const transport = new NodeTransport(socket, engine);
  await transport.startTls();
  return { transport: introduced(transport, header), startTls: false };
}

function beginPlain(
  socket: Socket,
  engine: TlsEngine,
  header: ProxyHeader | undefined,
  first?: Uint8Array,
): Accepted {
  const transport = new NodeTransport(socket, engine, first);
  socket.resume();
  return { transport: introduced(transport, header), startTls: true };
}

function introduced(transport: NodeTransport, header: ProxyHeader | undefined) {
  return header === undefined ? transport : new IntroducedTransport(transport, header);
}

/** A TLS client speaks first, any other waits for the greeting. */
function beginAsTheClientLikes(engine: TlsEngine, inspectionDelayMs: number): Beginning {
  return (socket, header) => {
    const { promise, resolve, reject } = Promise.withResolvers<Accepted>();
    const decide = (chunk?: Uint8Array) => {
      clearTimeout(timer);
      socket.off("data", decide).off("close", gone);
      if (chunk?.[0] !== TLS_HANDSHAKE) return resolve(beginPlain(socket, engine, header, chunk));
      socket.pause();
      socket.unshift(chunk);
      beginWithTls(socket, engine, header).then(resolve, reject);
    };
    const gone = () => {
      clearTimeout(timer);
      reject(new Error("connection ended before it began"));
    };
    const timer = setTimeout(decide, inspectionDelayMs);
    socket.once("data", decide).once("close", gone).resume();
    return promise;
  };
}

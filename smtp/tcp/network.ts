/**
 * Ports, opened for real.
 *
 * @module
 */
import { createServer, type Socket } from "node:net";
import {
  type Accepted,
  type Arrival,
  type Endpoint,
  type Listener,
  type Network,
  plainAddress,
  type PortKind,
} from "../transport.ts";
import { NativeTransport } from "./native_transport.ts";
import { NodeTransport } from "./node_transport.ts";
import type { TlsEngine } from "./tls_engine.ts";

/** What the network is given. */
export interface TcpNetworkOptions {
  /** Needed by ports of any kind but `plain`. */
  readonly engine?: TlsEngine;
  /** How long an `auto` port waits for a TLS client to speak before it greets in plain text, in milliseconds. */
  readonly inspectionDelayMs: number;
  /** Told when accepting fails. */
  readonly onFailure: (endpoint: Endpoint, cause: unknown) => void;
}

/** Accepting fails when there are no descriptors left; trying again at once would only burn CPU. */
const ACCEPT_PAUSE_MS = 50;

const TLS_HANDSHAKE = 0x16;

/** Opens ports with Deno's and Node's sockets. */
export class TcpNetwork implements Network {
  readonly #options: TcpNetworkOptions;

  constructor(options: TcpNetworkOptions) {
    this.#options = options;
  }

  listen(endpoint: Endpoint, onArrival: (arrival: Arrival) => void): Promise<Listener> {
    return endpoint.kind === "plain"
      ? Promise.resolve(this.#listenNative(endpoint, onArrival))
      : this.#listenNode(endpoint, onArrival);
  }

  #listenNative(endpoint: Endpoint, onArrival: (arrival: Arrival) => void): Listener {
    const listener = Deno.listen({ hostname: endpoint.host, port: endpoint.port });
    this.#acceptAll(listener, endpoint, onArrival);
    return {
      endpoint: { ...endpoint, port: (listener.addr as Deno.NetAddr).port },
      close: () => listener.close(),
    };
  }

  /** A loop by hand: a client that resets early makes `accept` throw, which would end a `for await`. */
  async #acceptAll(
    listener: Deno.TcpListener,
    endpoint: Endpoint,
    onArrival: (arrival: Arrival) => void,
  ): Promise<void> {
    for (;;) {
      try {
        onArrival(nativeArrival(await listener.accept()));
      } catch (error) {
        const closed = error instanceof Deno.errors.BadResource ||
          error instanceof Deno.errors.Interrupted;
        if (closed) return;
        if (error instanceof Deno.errors.NotConnected) continue;
        this.#options.onFailure(endpoint, error);
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
      }
    }
  }

  #listenNode(endpoint: Endpoint, onArrival: (arrival: Arrival) => void): Promise<Listener> {
    const { engine, inspectionDelayMs, onFailure } = this.#options;
    if (engine === undefined) throw new TypeError("a port with TLS needs a certificate");
    const begin = BEGINNINGS[endpoint.kind as Exclude<PortKind, "plain">];
    const server = createServer(
      { noDelay: true, allowHalfOpen: true, keepAlive: true },
      (socket) => {
        // A socket without an address was reset already.
        if (socket.remoteAddress === undefined) return void socket.destroy();
        const accept = () => begin(socket, engine, inspectionDelayMs);
        onArrival(nodeArrival(socket, endpoint.kind === "tls", accept));
      },
    );
    const { promise, resolve, reject } = Promise.withResolvers<Listener>();
    server.once("error", reject);
    server.listen({ host: endpoint.host, port: endpoint.port }, () => {
      server.off("error", reject).on("error", (error) => onFailure(endpoint, error));
      const { port } = server.address() as { port: number };
      resolve({ endpoint: { ...endpoint, port }, close: () => server.close() });
    });
    return promise;
  }
}

function nativeArrival(connection: Deno.TcpConn): Arrival {
  const transport = new NativeTransport(connection);
  return {
    remoteAddress: transport.remoteAddress,
    port: connection.localAddr.port,
    accept: () => Promise.resolve({ transport, startTls: false }),
    reject: (octets) => {
      const close = () => transport.close();
      transport.write(octets).then(close, close);
    },
  };
}

function nodeArrival(socket: Socket, secure: boolean, accept: () => Promise<Accepted>): Arrival {
  // Until a transport takes over, somebody has to hear of errors.
  socket.on("error", () => socket.destroy());
  return {
    remoteAddress: plainAddress(socket.remoteAddress!),
    port: socket.localPort!,
    accept,
    reject: (octets) => {
      if (!secure) socket.write(octets);
      socket.destroySoon();
    },
  };
}

type Beginning = (socket: Socket, engine: TlsEngine, delayMs: number) => Promise<Accepted>;

const BEGINNINGS: Readonly<Record<Exclude<PortKind, "plain">, Beginning>> = {
  tls: beginWithTls,
  starttls: (socket, engine) => Promise.resolve(beginPlain(socket, engine)),
  auto: beginAsTheClientLikes,
};

async function beginWithTls(socket: Socket, engine: TlsEngine): Promise<Accepted> {
  const secured = await engine.upgrade(socket);
  return { transport: new NodeTransport(secured, true), startTls: false };
}

function beginPlain(socket: Socket, engine: TlsEngine, first?: Uint8Array): Accepted {
  return { transport: new NodeTransport(socket, false, engine, first), startTls: true };
}

/** A TLS client speaks first, any other waits for the greeting. */
function beginAsTheClientLikes(
  socket: Socket,
  engine: TlsEngine,
  delayMs: number,
): Promise<Accepted> {
  const { promise, resolve, reject } = Promise.withResolvers<Accepted>();
  const decide = (chunk?: Uint8Array) => {
    clearTimeout(timer);
    socket.off("data", decide).off("close", gone);
    if (chunk?.[0] !== TLS_HANDSHAKE) return resolve(beginPlain(socket, engine, chunk));
    socket.pause();
    socket.unshift(chunk);
    beginWithTls(socket, engine).then(resolve, reject);
  };
  const gone = () => {
    clearTimeout(timer);
    reject(new Error("connection ended before it began"));
  };
  const timer = setTimeout(decide, delayMs);
  socket.once("data", decide).once("close", gone);
  return promise;
}

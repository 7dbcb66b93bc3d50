/**
 * Clients on node:net sockets, from their connection to their transport.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { Clock } from "../clock.ts";
import { canonicalAddress } from "./address.ts";
import { NodeTransport } from "./node_transport.ts";
import type { ProxyHeader } from "./proxy_header.ts";
import { TLS_HANDSHAKE, type TlsEngine } from "./tls_engine.ts";
import type { Accepted, Arrival, Endpoint } from "./transport.ts";

/** Options of an arrival. */
export interface NodeArrivalOptions {
  readonly engine: TlsEngine;
  readonly clock: Clock;
  /** How long an `auto` port waits for a TLS client to speak before it greets in plain text, in milliseconds. */
  readonly inspectionDelayMs: number;
}

/** A client on a port with TLS. */
export class NodeArrival implements Arrival {
  readonly remoteAddress: string;
  readonly #socket: Socket;
  readonly #header: ProxyHeader | undefined;
  readonly #endpoint: Endpoint;
  readonly #options: NodeArrivalOptions;

  constructor(
    socket: Socket,
    header: ProxyHeader | undefined,
    endpoint: Endpoint,
    options: NodeArrivalOptions,
  ) {
    this.remoteAddress = header?.address ?? canonicalAddress(socket.remoteAddress!);
    this.#socket = socket;
    this.#header = header;
    this.#endpoint = endpoint;
    this.#options = options;
  }

  get port(): number {
    return this.#endpoint.port;
  }

  reject(octets: Uint8Array): void {
    if (this.#endpoint.kind !== "tls") this.#socket.write(octets);
    this.#socket.destroySoon();
  }

  /** Creates the transport in the tick in which it is called, so that no octets are lost. */
  accept(): Promise<Accepted> {
    switch (this.#endpoint.kind) {
      case "tls":
        return this.#beginWithTls();
      case "auto":
        return this.#beginAsTheClientLikes();
      default:
        return Promise.resolve(this.#beginPlain());
    }
  }

  async #beginWithTls(): Promise<Accepted> {
    const transport = this.#transport();
    await transport.startTls();
    return { transport, startTls: false };
  }

  #beginPlain(first?: Uint8Array): Accepted {
    const transport = this.#transport(first);
    this.#socket.resume();
    return { transport, startTls: true };
  }

  #transport(first?: Uint8Array): NodeTransport {
    const { engine, clock } = this.#options;
    return new NodeTransport(this.#socket, { engine, clock, header: this.#header, first });
  }

  /** Waits for the client: a TLS client speaks first, any other waits for the greeting. */
  #beginAsTheClientLikes(): Promise<Accepted> {
    const socket = this.#socket;
    const { clock, inspectionDelayMs } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<Accepted>();
    const decide = (chunk?: Uint8Array) => {
      timer.cancel();
      socket.off("data", decide).off("close", gone);
      if (chunk?.[0] !== TLS_HANDSHAKE) return resolve(this.#beginPlain(chunk));
      socket.pause();
      socket.unshift(chunk);
      this.#beginWithTls().then(resolve, reject);
    };
    const gone = () => {
      timer.cancel();
      reject(new Error("connection ended before its first octet"));
    };
    const timer = clock.setTimer(inspectionDelayMs, decide);
    socket.once("data", decide).once("close", gone).resume();
    return promise;
  }
}

/**
 * Transport over node:net sockets: clients on ports with TLS, which Deno's own sockets can't serve with STARTTLS.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Clock } from "../clock.ts";
import { canonicalAddress } from "./address.ts";
import type { ProxyHeader } from "./proxy_header.ts";
import type { Transport } from "./transport.ts";
import type { TlsEngine } from "./tls_engine.ts";

/** The socket pauses when this many chunks were read ahead. */
const READ_AHEAD_CHUNKS = 2;

/** Sockets that do not take our last octets within this time are destroyed. */
const LINGER_MS = 5_000;

/** The handle of a TCP socket. */
interface Carrier {
  readStop(): void;
  readStart(): void;
}

/**
 * Returns the handle of a socket. A paused TLS socket still reads everything into memory, so its handle must stop as well.
 * node:net does not publish it; `memory_test.ts` and `node_transport_test.ts` fail if it disappears.
 */
function carrierOf(socket: Socket): Carrier {
  const { _handle: handle } = socket as unknown as { _handle: Carrier | null };
  // A closed socket has no handle, and nothing more to read.
  return handle ?? { readStop: () => {}, readStart: () => {} };
}

/** Options of a transport. */
export interface NodeTransportOptions {
  readonly engine: TlsEngine;
  readonly clock: Clock;
  /** The PROXY header; absent: the peer is the client. */
  readonly header?: ProxyHeader;
  /** Octets that were read from the socket already. */
  readonly first?: Uint8Array;
}

/** A transport on a node socket. */
export class NodeTransport implements Transport {
  readonly remoteAddress: string;
  readonly #engine: TlsEngine;
  readonly #clock: Clock;
  /** The connection from a trusted proxy to us counts as secure. */
  readonly #secureByProxy: boolean;
  #socket: Socket | TLSSocket;
  /** The TCP side of a TLS socket. */
  #carrier: Carrier | undefined;
  #closed = false;
  #ended = false;
  #error: Error | undefined;
  #chunks: Uint8Array[] = [];
  #reader: PromiseWithResolvers<Uint8Array | null> | undefined;
  #writer: PromiseWithResolvers<void> | undefined;

  constructor(socket: Socket, { engine, clock, header, first }: NodeTransportOptions) {
    // A socket that has been reset has no address; reading from it fails.
    this.remoteAddress = header?.address ?? canonicalAddress(socket.remoteAddress ?? "");
    this.#secureByProxy = header?.secure ?? false;
    this.#socket = socket;
    this.#engine = engine;
    this.#clock = clock;
    if (first !== undefined) this.#chunks.push(first);
    this.#listen();
  }

  get secure(): boolean {
    return this.#carrier !== undefined || this.#secureByProxy;
  }

  #onData = (chunk: Uint8Array): void => {
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader !== undefined) reader.resolve(chunk);
    else if (this.#chunks.push(chunk) >= READ_AHEAD_CHUNKS) this.#pause();
  };

  #onEnd = (): void => {
    this.#ended = true;
    this.#reader?.resolve(null);
    this.#reader = undefined;
  };

  #onError = (error: Error): void => {
    this.#error = error;
    this.#reader?.reject(error);
    this.#reader = undefined;
    this.#socket.destroy();
  };

  #onClose = (): void => {
    // The socket may never call the writer back.
    this.#writer?.reject(this.#goneError());
    if (!this.#ended && !this.#closed) this.#onError(this.#goneError());
    else this.#onEnd();
  };

  #goneError(): Error {
    return this.#error ?? new Error("connection closed");
  }

  #listen(): void {
    this.#socket.on("data", this.#onData).on("end", this.#onEnd).on("error", this.#onError)
      .on("close", this.#onClose);
  }

  #pause(): void {
    this.#socket.pause();
    this.#carrier?.readStop();
  }

  #resume(): void {
    this.#carrier?.readStart();
    this.#socket.resume();
  }

  read(): Promise<Uint8Array | null> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      if (this.#chunks.length === 0) this.#resume();
      return Promise.resolve(chunk);
    }
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#ended || this.#closed) return Promise.resolve(null);
    this.#reader = Promise.withResolvers();
    return this.#reader.promise;
  }

  write(octets: Uint8Array): Promise<void> {
    if (this.#closed || this.#socket.destroyed) return Promise.reject(this.#goneError());
    const writer = this.#writer = Promise.withResolvers<void>();
    this.#socket.write(octets, (error) => {
      this.#writer = undefined;
      if (error) writer.reject(error);
      else writer.resolve();
    });
    return writer.promise;
  }

  /** Runs in one tick: see {@linkcode TlsEngine.upgrade}. */
  async startTls(goAhead?: Uint8Array): Promise<void> {
    const plain = this.#socket;
    plain.off("data", this.#onData).off("end", this.#onEnd).off("close", this.#onClose);
    plain.pause();
    this.#chunks = [];
    if (goAhead !== undefined) plain.write(goAhead);
    this.#socket = await this.#engine.upgrade(plain);
    this.#carrier = carrierOf(plain);
    this.#listen();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onEnd();
    const socket = this.#socket;
    const destroy = () => socket.destroy();
    const timer = this.#clock.setTimer(LINGER_MS, destroy);
    socket.once("close", () => timer.cancel());
    // This sends close_notify, which tells the client that the connection is not broken.
    socket.end(destroy);
  }
}

/**
 * Transport over node:net sockets: clients on ports with TLS, which Deno's own sockets can't serve with STARTTLS.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { plainAddress, type Transport } from "../transport.ts";
import type { TlsEngine } from "./tls_engine.ts";

/** What is read ahead while nobody asks; the socket pauses above it. */
const READ_AHEAD_CHUNKS = 2;

/** Sockets that do not take our last octets within this time are destroyed. */
const LINGER_MS = 5_000;

/** A transport on a node socket. */
export class NodeTransport implements Transport {
  readonly remoteAddress: string;
  readonly #engine: TlsEngine | undefined;
  #socket: Socket;
  #secure: boolean;
  #closed = false;
  #ended = false;
  #error: Error | undefined;
  #chunks: Uint8Array[] = [];
  #reader: PromiseWithResolvers<Uint8Array | null> | undefined;

  /**
   * @param engine For STARTTLS.
   * @param first Octets that were read from the socket already.
   */
  constructor(socket: Socket | TLSSocket, secure: boolean, engine?: TlsEngine, first?: Uint8Array) {
    // A socket that was reset before it got here has no address; nothing will come of it.
    this.remoteAddress = plainAddress(socket.remoteAddress ?? "");
    this.#socket = socket;
    this.#secure = secure;
    this.#engine = engine;
    if (first !== undefined) this.#chunks.push(first);
    this.#listen();
  }

  get secure(): boolean {
    return this.#secure;
  }

  #onData = (chunk: Uint8Array): void => {
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader !== undefined) reader.resolve(chunk);
    else if (this.#chunks.push(chunk) >= READ_AHEAD_CHUNKS) this.#socket.pause();
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
    if (!this.#ended && !this.#closed) this.#onError(this.#error ?? new Error("connection closed"));
    else this.#onEnd();
  };

  #listen(): void {
    this.#socket.on("data", this.#onData).on("end", this.#onEnd).on("error", this.#onError)
      .on("close", this.#onClose);
  }

  read(): Promise<Uint8Array | null> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      if (this.#chunks.length === 0) this.#socket.resume();
      return Promise.resolve(chunk);
    }
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#ended || this.#closed) return Promise.resolve(null);
    this.#reader = Promise.withResolvers();
    return this.#reader.promise;
  }

  write(octets: Uint8Array): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // A socket that is gone may never call back.
    if (this.#closed || this.#socket.destroyed) {
      return Promise.reject(this.#error ?? new Error("connection closed"));
    }
    const gone = () => reject(this.#error ?? new Error("connection closed"));
    this.#socket.once("close", gone);
    this.#socket.write(octets, (error) => {
      this.#socket.off("close", gone);
      if (error) reject(error);
      else resolve();
    });
    return promise;
  }

  /** Everything happens in one tick: see {@linkcode TlsEngine.upgrade}. */
  async startTls(goAhead?: Uint8Array): Promise<void> {
    if (this.#engine === undefined) throw new TypeError("this port has no TLS");
    const plain = this.#socket;
    plain.off("data", this.#onData).off("end", this.#onEnd).off("close", this.#onClose);
    plain.pause();
    this.#chunks = [];
    if (goAhead !== undefined) plain.write(goAhead);
    const secured = await this.#engine.upgrade(plain);
    this.#socket = secured;
    this.#secure = true;
    this.#listen();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onEnd();
    const socket = this.#socket;
    const destroy = () => socket.destroy();
    const timer = setTimeout(destroy, LINGER_MS);
    socket.once("close", () => clearTimeout(timer));
    // TLS ends with close_notify, so the client can tell our end from a cut.
    socket.end(destroy);
  }
}

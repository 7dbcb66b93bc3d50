/**
 * A real port on this machine, and clients with real sockets.
 *
 * @module
 */
import { systemClock } from "../../lib/base/mod.ts";
import type { ProxyPolicy } from "../net/acceptor.ts";
import { TcpNetwork, type TcpNetworkOptions } from "../net/network.ts";
import type { Accepted, Arrival, Listener, PortKind } from "../net/transport.ts";
import { octets, text } from "./assertions.ts";

const HOST = "127.0.0.1";

/** No PROXY headers. */
export const NO_PROXY: ProxyPolicy = { mode: "off", trusted: { includes: () => false } };

/** A port that returns its clients one by one. */
export class OpenPort implements Disposable {
  readonly network: TcpNetwork;
  readonly #listener: Listener;
  readonly #arrivals: ReadableStreamDefaultReader<Arrival>;

  private constructor(
    network: TcpNetwork,
    listener: Listener,
    arrivals: ReadableStream<Arrival>,
  ) {
    this.network = network;
    this.#listener = listener;
    this.#arrivals = arrivals.getReader();
  }

  static async open(kind: PortKind, options: Partial<TcpNetworkOptions> = {}): Promise<OpenPort> {
    const network = new TcpNetwork({
      clock: systemClock,
      inspectionDelayMs: 0,
      proxyProtocol: NO_PROXY,
      observe: () => {},
      ...options,
    });
    const { readable, writable } = new TransformStream<Arrival>(undefined, undefined, {
      highWaterMark: Infinity,
    });
    const writer = writable.getWriter();
    const listener = await network.listen(
      { kind, host: HOST, port: 0 },
      (arrival) => void writer.write(arrival),
    );
    return new OpenPort(network, listener, readable);
  }

  get number(): number {
    return this.#listener.endpoint.port;
  }

  /** Returns the next client that connects. */
  async arrival(): Promise<Arrival> {
    return (await this.#arrivals.read()).value!;
  }

  /** Accepts the next client. */
  async accepted(): Promise<Accepted> {
    return await (await this.arrival()).accept();
  }

  /** Connects a client to this port. */
  async connect(): Promise<SocketClient> {
    return new SocketClient(await Deno.connect({ hostname: HOST, port: this.number }));
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }
}

/** A client with its own socket, independent of the code under test. */
export class SocketClient implements Disposable {
  #connection: Deno.TcpConn | Deno.TlsConn;
  #closed = false;

  constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Reads octets; undefined at the end of the stream. */
  async readOctets(): Promise<Uint8Array | undefined> {
    const buffer = new Uint8Array(65_536);
    const octetCount = await this.#connection.read(buffer);
    return octetCount === null ? undefined : buffer.subarray(0, octetCount);
  }

  /** Reads octets as text, one character each; undefined at the end of the stream. */
  async read(): Promise<string | undefined> {
    const arrived = await this.readOctets();
    return arrived === undefined ? undefined : text(arrived);
  }

  /** Reads up to the end of the stream. */
  async readAll(): Promise<string> {
    let all = "";
    for (let part = await this.read(); part !== undefined; part = await this.read()) all += part;
    return all;
  }

  async write(content: string): Promise<void> {
    await this.writeOctets(octets(content));
  }

  async writeOctets(content: Uint8Array): Promise<void> {
    for (let sent = 0; sent < content.length;) {
      sent += await this.#connection.write(content.subarray(sent));
    }
  }

  /** Begins TLS with `localhost`, trusting only this authority. Resolves after the handshake. */
  async startTls(certificate: string): Promise<void> {
    const plain = this.#connection as Deno.TcpConn;
    this.#closed = true; // From now on, the plain connection belongs to the TLS one.
    const secured = await Deno.startTls(plain, { hostname: "localhost", caCerts: [certificate] });
    this.#connection = secured;
    this.#closed = false;
    await secured.handshake();
  }

  /** Ends the stream of this end. */
  async halfClose(): Promise<void> {
    await this.#connection.closeWrite();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

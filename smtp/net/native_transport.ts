/**
 * Transport over Deno's own connections: upstream, and clients on plain ports. They cost the least CPU.
 *
 * @module
 */
import { canonicalAddress } from "./address.ts";
import type { Clock } from "../clock.ts";
import type { ConnectionStart } from "./header_reader.ts";
import type { Destination, Dialer, Transport } from "./transport.ts";
import { UpstreamError } from "../protocol/mod.ts";

/** Enough for commands. An idle connection has this buffer only. */
const SMALL_BUFFER_OCTETS = 512;
/** For messages, borrowed while they are read. Pages that are never filled cost no memory. */
const LARGE_BUFFER_OCTETS = 524_288;
/** A peer that does not take our last octets within this time is cut off. */
const LINGER_MS = 5_000;
/** Large buffers kept for the next message. */
const SPARE_BUFFERS_LIMIT = 16;

const spareBuffers: Uint8Array<ArrayBuffer>[] = [];

/** A transport on a `Deno.Conn`. */
export class NativeTransport implements Transport {
  #remoteAddress: string;
  #connection: Deno.TcpConn | Deno.TlsConn;
  readonly #clock: Clock;
  /** The name that the peer's certificate must have; undefined on the server side, which has no TLS here. */
  readonly #peerName: string | undefined;
  readonly #caCerts: readonly string[];
  readonly #small: Uint8Array<ArrayBuffer> = new Uint8Array(SMALL_BUFFER_OCTETS);
  #large: Uint8Array<ArrayBuffer> | undefined;
  /** The buffer of the read that is pending. */
  #reading = this.#small;
  #first: Promise<Uint8Array | null> | undefined;
  #secure = false;
  #shakingHands = false;
  #closed = false;

  /** @param caCerts Authorities to trust in addition to the system's, in PEM. */
  constructor(
    connection: Deno.TcpConn,
    clock: Clock,
    peerName?: string,
    caCerts: readonly string[] = [],
  ) {
    // Nagle would hold small replies back for 40 ms.
    connection.setNoDelay(true);
    connection.setKeepAlive(true);
    this.#remoteAddress = canonicalAddress(connection.remoteAddr.hostname);
    this.#connection = connection;
    this.#clock = clock;
    this.#peerName = peerName;
    this.#caCerts = caCerts;
  }

  /** The client's address: the PROXY header's, if there is one. */
  get remoteAddress(): string {
    return this.#remoteAddress;
  }

  get secure(): boolean {
    return this.#secure;
  }

  /** Continues after the PROXY header. The connection from a trusted proxy to us counts as secure. */
  takeOver({ header, first }: ConnectionStart): void {
    if (header?.address !== undefined) this.#remoteAddress = header.address;
    this.#secure = header?.secure ?? false;
    this.#first = first;
  }

  /** Not async: an idle connection waits here, and this needs less memory. */
  read(bulk = false): Promise<Uint8Array | null> {
    const first = this.#first;
    if (first !== undefined) {
      this.#first = undefined;
      return first;
    }
    if (!bulk) this.#returnLarge();
    this.#reading = bulk ? this.#borrowLarge() : this.#small;
    return this.#connection.read(this.#reading).then(this.#received);
  }

  readonly #received = (octetCount: number | null): Uint8Array | null =>
    octetCount === null ? null : this.#reading.subarray(0, octetCount);

  #borrowLarge(): Uint8Array<ArrayBuffer> {
    return this.#large ??= spareBuffers.pop() ?? new Uint8Array(LARGE_BUFFER_OCTETS);
  }

  #returnLarge(): void {
    if (this.#large !== undefined && spareBuffers.length < SPARE_BUFFERS_LIMIT) {
      spareBuffers.push(this.#large);
    }
    this.#large = undefined;
  }

  /** Not async, since nearly every write is done at once. */
  write(octets: Uint8Array): Promise<void> {
    return this.#connection.write(octets).then((sent) =>
      sent < octets.length ? this.write(octets.subarray(sent)) : undefined
    );
  }

  async startTls(goAhead?: Uint8Array): Promise<void> {
    if (this.#peerName === undefined) throw new TypeError("a plain port has no TLS");
    if (goAhead !== undefined) await this.write(goAhead);
    const secured = await Deno.startTls(this.#connection as Deno.TcpConn, {
      hostname: this.#peerName,
      caCerts: [...this.#caCerts],
    });
    this.#connection = secured;
    this.#shakingHands = true;
    try {
      await secured.handshake();
    } catch (cause) {
      throw asTlsError(cause, this.#peerName);
    } finally {
      this.#shakingHands = false;
    }
    this.#secure = true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const connection = this.#connection;
    // Ending a TLS stream would wait for the handshake; before its end, no octets can get lost.
    if (this.#shakingHands) return connection.close();
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.setTimer(LINGER_MS, resolve);
    const close = () => {
      timer.cancel();
      connection.close();
    };
    // Ending the stream first keeps a reset from overtaking the last reply. It waits for a pending write, which never ends if
    // the peer does not read.
    Promise.race([connection.closeWrite(), late]).then(close, close);
  }
}

/** Distinguishes an untrusted certificate from other failures of the handshake. */
function asTlsError(cause: unknown, peerName: string): unknown {
  if (!(cause instanceof Deno.errors.InvalidData)) return cause;
  const { message } = cause;
  return message.startsWith("invalid peer certificate")
    ? new UpstreamError("insecure", `certificate of ${peerName} refused: ${message}`, { cause })
    : new UpstreamError("protocol", `TLS handshake: ${message}`, { cause });
}

/** Opens connections by IPv6 and IPv4, whichever answers first (RFC 8305). */
export class TcpDialer implements Dialer {
  readonly #clock: Clock;
  readonly #caCerts: readonly string[];

  /** @param caCerts Authorities to trust in addition to the system's, in PEM. */
  constructor(clock: Clock, caCerts: readonly string[] = []) {
    this.#clock = clock;
    this.#caCerts = caCerts;
  }

  async connect({ host, port, implicitTls }: Destination, signal: AbortSignal): Promise<Transport> {
    const connection = await Deno.connect({ hostname: host, port, signal });
    const transport = new NativeTransport(connection, this.#clock, host, this.#caCerts);
    if (!implicitTls) return transport;
    const giveUp = () => transport.close();
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      await transport.startTls();
      return transport;
    } catch (error) {
      transport.close();
      throw error;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }
}

/**
 * Learning who the client of a connection is: the peer itself, or whom a trusted proxy names in a PROXY header.
 *
 * @module
 */
import type { Socket } from "node:net";
import {
  type Introduction,
  type ProxyHeader,
  ProxyHeaderCollector,
  ProxyProtocolError,
} from "./proxy_header.ts";
import type { Transport } from "./transport.ts";

/** Who is believed to name a client. */
export interface ProxyPolicy {
  /** `optional` is for a change from one to the other: whoever connects through a trusted peer may then name any address. */
  readonly mode: "off" | "optional" | "required";
  /** Whether the peer with this address is a proxy of ours. */
  readonly trusts: (address: string) => boolean;
}

/** What a connection has to begin with. */
export type HeaderRule = "none" | "optional" | "required" | "refused";

/** The rule for one peer. A header is never believed from anyone but a trusted peer. */
export function headerRule({ mode, trusts }: ProxyPolicy, address: string): HeaderRule {
  if (mode === "off") return "none";
  if (trusts(address)) return mode;
  return mode === "required" ? "refused" : "none";
}

/** A proxy sends its header with, or right behind, the connection. */
const HEADER_TIMEOUT_MS = 5_000;

/** What decides how long to wait for a header. */
export interface HeaderOptions {
  readonly required: boolean;
  /** Where no header is required, who is silent for so long is a client that waits for the greeting. */
  readonly silenceMs: number;
}

/** Waits for the header of one connection, whose octets are pushed as they arrive. */
class HeaderWait {
  readonly #collector: ProxyHeaderCollector;
  readonly #outcome = Promise.withResolvers<Introduction>();
  readonly #deadline: ReturnType<typeof setTimeout>;
  readonly #silence: ReturnType<typeof setTimeout> | undefined;
  /** Whether more octets are wanted. */
  pending = true;

  constructor({ required, silenceMs }: HeaderOptions) {
    this.#collector = new ProxyHeaderCollector(required);
    this.#deadline = setTimeout(() => this.fail("no header in time"), HEADER_TIMEOUT_MS);
    if (!required) this.#silence = setTimeout(() => this.#end({ rest: NOTHING }), silenceMs);
  }

  /** @throws {ProxyProtocolError} */
  get outcome(): Promise<Introduction> {
    return this.#outcome.promise;
  }

  push(octets: Uint8Array): void {
    if (!this.pending) return;
    clearTimeout(this.#silence);
    try {
      const introduction = this.#collector.push(octets);
      if (introduction !== undefined) this.#end(introduction);
    } catch (error) {
      this.#end(undefined, error);
    }
  }

  fail(reason: string, cause?: unknown): void {
    if (this.pending) this.#end(undefined, new ProxyProtocolError(reason, { cause }));
  }

  #end(introduction: Introduction | undefined, error?: unknown): void {
    this.pending = false;
    clearTimeout(this.#deadline);
    clearTimeout(this.#silence);
    if (introduction === undefined) this.#outcome.reject(error);
    else this.#outcome.resolve(introduction);
  }
}

const NOTHING = new Uint8Array(0);
const ENDED = "connection ended before the header";

/**
 * Reads the header from a transport that nobody reads yet.
 *
 * @returns a transport that shows the client.
 * @throws {ProxyProtocolError} the transport is closed then.
 */
export async function introduceTransport(
  transport: Transport,
  options: HeaderOptions,
): Promise<Transport> {
  const wait = new HeaderWait(options);
  let reading = transport.read();
  const pump = async () => {
    for (;;) {
      const octets = await reading;
      if (octets === null) return wait.fail(ENDED);
      wait.push(octets);
      if (!wait.pending) return;
      reading = transport.read();
    }
  };
  pump().catch((error) => wait.fail(ENDED, error));
  try {
    const { header, rest } = await wait.outcome;
    // A client that is silent goes on being read.
    const first = rest.length > 0
      ? Promise.resolve(rest)
      : header === undefined
      ? reading
      : undefined;
    return new IntroducedTransport(transport, header, first);
  } catch (error) {
    transport.close();
    throw error;
  }
}

/**
 * Reads the header from a socket that nobody reads yet. The socket is paused then, with the client's first octets in front:
 * whoever takes it over in the same tick gets all of them.
 *
 * @throws {ProxyProtocolError} the socket is destroyed then.
 */
export async function introduceSocket(
  socket: Socket,
  options: HeaderOptions,
): Promise<ProxyHeader | undefined> {
  const wait = new HeaderWait(options);
  const onData = (octets: Uint8Array) => {
    wait.push(octets);
    if (!wait.pending) socket.pause();
  };
  const onEnd = () => wait.fail(ENDED);
  socket.on("data", onData).on("end", onEnd).on("close", onEnd);
  try {
    const { header, rest } = await wait.outcome;
    socket.pause();
    if (rest.length > 0) socket.unshift(rest);
    return header;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    socket.off("data", onData).off("end", onEnd).off("close", onEnd);
  }
}

/** A transport whose client is not its peer. */
export class IntroducedTransport implements Transport {
  readonly remoteAddress: string;
  readonly #inner: Transport;
  readonly #secure: boolean;
  #first: Promise<Uint8Array | null> | undefined;

  /**
   * @param header What the peer says of its client; undefined: it is the client.
   * @param first What was read from the transport already, or is being read.
   */
  constructor(
    inner: Transport,
    header: ProxyHeader | undefined,
    first?: Promise<Uint8Array | null>,
  ) {
    this.remoteAddress = header?.address ?? inner.remoteAddress;
    this.#inner = inner;
    this.#secure = header?.secure ?? false;
    this.#first = first;
  }

  /** The way from a trusted proxy to us counts as safe. */
  get secure(): boolean {
    return this.#secure || this.#inner.secure;
  }

  read(bulk?: boolean): Promise<Uint8Array | null> {
    const first = this.#first;
    if (first === undefined) return this.#inner.read(bulk);
    this.#first = undefined;
    return first;
  }

  write(octets: Uint8Array): Promise<void> {
    return this.#inner.write(octets);
  }

  startTls(goAhead?: Uint8Array): Promise<void> {
    this.#first = undefined;
    return this.#inner.startTls(goAhead);
  }

  close(): void {
    this.#inner.close();
  }
}

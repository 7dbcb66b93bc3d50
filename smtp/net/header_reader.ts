/**
 * Reading the PROXY header of a connection.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { Clock, Timer } from "../clock.ts";
import { concat } from "../protocol/mod.ts";
import { parseProxyHeader, type ProxyHeader, ProxyProtocolError } from "./proxy_header.ts";

/** A proxy sends its header with, or right behind, the connection. */
const HEADER_TIMEOUT_MS = 5_000;

/** How long to wait for a header. */
export interface HeaderOptions {
  readonly required: boolean;
  /** If no header is required, a client that is silent for this time is waiting for the greeting. */
  readonly silenceMs: number;
}

/** The beginning of a connection. */
export interface ConnectionStart {
  /** Absent: the peer is the client. */
  readonly header?: ProxyHeader;
  /** The read that returns the client's first octets, if it has begun. */
  readonly first?: Promise<Uint8Array | null>;
}

/** A header, and the octets that arrived after it. */
interface Arrived {
  readonly header?: ProxyHeader;
  readonly rest: Uint8Array;
}

const NOTHING = new Uint8Array(0);
const ENDED = "connection ended before the header";

/** Waits for the header of one connection, whose octets are pushed as they arrive. */
class HeaderWait {
  readonly #required: boolean;
  readonly #arrived = Promise.withResolvers<Arrived>();
  readonly #deadline: Timer;
  readonly #silence: Timer | undefined;
  #octets: Uint8Array = NOTHING;
  /** Whether more octets are wanted. */
  pending = true;

  constructor({ required, silenceMs }: HeaderOptions, clock: Clock) {
    this.#required = required;
    this.#deadline = clock.setTimer(HEADER_TIMEOUT_MS, () => this.fail("no header in time"));
    if (!required) this.#silence = clock.setTimer(silenceMs, () => this.#end({ rest: NOTHING }));
  }

  /** @throws {ProxyProtocolError} */
  get arrived(): Promise<Arrived> {
    return this.#arrived.promise;
  }

  push(piece: Uint8Array): void {
    if (!this.pending) return;
    this.#silence?.cancel();
    const octets = this.#octets = concat(this.#octets, piece);
    try {
      const header = parseProxyHeader(octets);
      if (header === "incomplete") return;
      if (header !== "absent") this.#end({ header, rest: octets.subarray(header.octetCount) });
      else if (this.#required) this.fail("no header");
      else this.#end({ rest: octets });
    } catch (error) {
      this.#end(error as Error);
    }
  }

  fail(reason: string, cause?: unknown): void {
    if (this.pending) this.#end(new ProxyProtocolError(reason, { cause }));
  }

  #end(result: Arrived | Error): void {
    this.pending = false;
    this.#deadline.cancel();
    this.#silence?.cancel();
    if (result instanceof Error) this.#arrived.reject(result);
    else this.#arrived.resolve(result);
  }
}

/**
 * Reads the header of a new connection.
 *
 * @param read Reads the next octets; null at the end.
 * @throws {ProxyProtocolError} The connection cannot be used then.
 */
export async function readHeader(
  read: () => Promise<Uint8Array | null>,
  options: HeaderOptions,
  clock: Clock,
): Promise<ConnectionStart> {
  const wait = new HeaderWait(options, clock);
  let reading = read();
  const pump = async () => {
    for (;;) {
      const octets = await reading;
      if (octets === null) return wait.fail(ENDED);
      wait.push(octets);
      if (!wait.pending) return;
      reading = read();
    }
  };
  pump().catch((error) => wait.fail(ENDED, error));
  const { header, rest } = await wait.arrived;
  if (rest.length > 0) return { header, first: Promise.resolve(rest) };
  // The pending read belongs to the silent client.
  return header === undefined ? { first: reading } : { header };
}

/**
 * Reads the header from a new socket, then pauses it and puts the client's first octets back. The caller must take the socket
 * over in the same tick, or octets get lost.
 *
 * @throws {ProxyProtocolError}
 */
export async function readSocketHeader(
  socket: Socket,
  options: HeaderOptions,
  clock: Clock,
): Promise<ProxyHeader | undefined> {
  const wait = new HeaderWait(options, clock);
  const onData = (octets: Uint8Array) => {
    wait.push(octets);
    if (!wait.pending) socket.pause();
  };
  const onEnd = () => wait.fail(ENDED);
  socket.on("data", onData).on("end", onEnd).on("close", onEnd);
  try {
    const { header, rest } = await wait.arrived;
    socket.pause();
    if (rest.length > 0) socket.unshift(rest);
    return header;
  } finally {
    socket.off("data", onData).off("end", onEnd).off("close", onEnd);
  }
}

/**
 * Ports for programs that cannot choose their own.
 *
 * @module
 */
import type { ProductPorts } from "../tools/simulate/product_environment.ts";

/** Below the ports that systems give to outgoing connections. */
const FIRST_PORT = 10_000;
const BLOCK_COUNT = 2_000;
const BLOCK_SIZE = 8;
const LOOPBACK = "127.0.0.1";

/**
 * A block of free ports, kept from all other tests, those of other processes included. The first port of the block is
 * held open for that; the others are for use.
 */
export class ReservedPorts implements ProductPorts, Disposable {
  readonly http: number;
  readonly smtp: number;
  readonly tls: number;
  readonly startTls: number;
  readonly autoTls: number;
  readonly metrics: number;
  /** A port where nobody listens. */
  readonly unused: number;
  readonly #guard: Deno.Listener;

  private constructor(guard: Deno.Listener, first: number) {
    this.#guard = guard;
    this.http = first + 1;
    this.smtp = first + 2;
    this.tls = first + 3;
    this.startTls = first + 4;
    this.autoTls = first + 5;
    this.metrics = first + 6;
    this.unused = first + 7;
  }

  /** Looks for a block, beginning at a random one. */
  static reserve(): ReservedPorts {
    for (;;) {
      const first = FIRST_PORT + BLOCK_SIZE * Math.floor(Math.random() * BLOCK_COUNT);
      const guard = tryListen(first, LOOPBACK);
      if (guard === undefined) continue;
      if (areFree(first + 1, first + BLOCK_SIZE)) return new ReservedPorts(guard, first);
      guard.close();
    }
  }

  [Symbol.dispose](): void {
    this.#guard.close();
  }
}

function areFree(from: number, to: number): boolean {
  for (let port = from; port < to; port++) {
    if (!isFree(port, LOOPBACK) || !isFree(port, "::1")) return false;
  }
  return true;
}

function isFree(port: number, hostname: string): boolean {
  try {
    const listener = tryListen(port, hostname);
    listener?.close();
    return listener !== undefined;
  } catch (error) {
    // A machine without IPv6 has nobody listening there either.
    return error instanceof Deno.errors.AddrNotAvailable;
  }
}

/** @returns undefined if the port is taken. */
function tryListen(port: number, hostname: string): Deno.Listener | undefined {
  try {
    return Deno.listen({ hostname, port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return undefined;
    throw error;
  }
}

/**
 * Finding ports that nobody listens on.
 *
 * @module
 */
import { LOOPBACK_ADDRESSES } from "../../lib/base/mod.ts";

const HIGHEST_PORT = 65_535;

/** Hands out ports of the loopback interface, each once. */
export class PortFinder {
  readonly #given = new Set<number>();

  /** The wanted port, or the next one after it that is free. @throws when there is none. */
  next(wanted: number): number {
    for (let port = wanted; port <= HIGHEST_PORT; port++) {
      if (this.#given.has(port) || !LOOPBACK_ADDRESSES.every((address) => isFree(address, port))) {
        continue;
      }
      this.#given.add(port);
      return port;
    }
    throw new Error(`No port from ${wanted} on is free.`);
  }
}

function isFree(hostname: string, port: number): boolean {
  try {
    Deno.listen({ hostname, port }).close();
    return true;
  } catch (error) {
    // A machine without IPv6 has nobody listening there either.
    return error instanceof Deno.errors.AddrNotAvailable;
  }
}

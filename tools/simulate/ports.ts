/**
 * Finds free ports.
 *
 * @module
 */
import { LOOPBACK_ADDRESSES } from "../../lib/base/mod.ts";

const HIGHEST_PORT = 65_535;

/** Finds free ports of the loopback interface, each only once. */
export class PortFinder {
  readonly #given = new Set<number>();

  /** Returns the wanted port, or the next free one after it. @throws if there is none. */
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
    // On a machine without IPv6, the port is free there, too.
    return error instanceof Deno.errors.AddrNotAvailable;
  }
}

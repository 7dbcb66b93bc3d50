/**
 * The limit on sign-ins that Microsoft refuses: nobody can use this program to flood the token endpoint.
 *
 * @module
 */
import { clientNetworks } from "../../smtp/mod.ts";
import { type Clock, MINUTE_MS } from "../base/mod.ts";

const WINDOW_MS = 10 * MINUTE_MS;
/** From one network or known browser in a window; twice and four times as many from an IPv6 /56 and /48. */
const NETWORK_LIMIT = 10;
/** From everywhere in a window. It limits the memory, too. */
const TOTAL_LIMIT = 2_000;
/** Networks from which a sign-in has worked. The total of others does not hold them up. */
const PROVEN_LIMIT = 1_000;
const EVERYBODY = "everybody";

/** Identifies a browser that comes back from Microsoft. */
export interface CallbackSource {
  readonly address: string;
  /** A browser in which somebody has signed in before: it is counted alone, whatever others at its address do. */
  readonly browser?: string;
}

/** Counts sign-ins that have not worked, by network and in total. */
export class CallbackLimit {
  readonly #clock: Pick<Clock, "now">;
  readonly #counts = new Map<string, number>();
  readonly #proven = new Set<string>();
  #windowEndsAtMs = 0;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** Counts a sign-in as failed until it has {@linkcode succeeded}; false if a limit is reached. */
  enter(source: CallbackSource): boolean {
    const restMs = this.#windowEndsAtMs - this.#clock.now();
    // The clock may have been set back.
    if (restMs <= 0 || restMs > WINDOW_MS) this.#startWindow();
    const limits = this.#limitsOf(source);
    if (limits.some(([key, limit]) => this.#count(key) >= limit)) return false;
    for (const [key] of limits) this.#counts.set(key, this.#count(key) + 1);
    return true;
  }

  /** Takes back the count of a sign-in that Microsoft has confirmed. */
  succeeded(source: CallbackSource): void {
    for (const [key] of this.#limitsOf(source)) {
      this.#counts.set(key, Math.max(0, this.#count(key) - 1));
    }
  }

  /** Notes that somebody in a network was admitted: the total is no limit for it any more. */
  prove({ address }: CallbackSource): void {
    const [network] = clientNetworks(address);
    this.#proven.delete(network);
    this.#proven.add(network);
    if (this.#proven.size > PROVEN_LIMIT) this.#proven.delete(this.#proven.keys().next().value!);
  }

  #startWindow(): void {
    this.#counts.clear();
    this.#windowEndsAtMs = this.#clock.now() + WINDOW_MS;
  }

  #limitsOf(
    { address, browser }: CallbackSource,
  ): readonly (readonly [key: string, limit: number])[] {
    if (browser !== undefined) return [[browser, NETWORK_LIMIT]];
    const networks = clientNetworks(address);
    const own = networks.map((network, level) => [network, NETWORK_LIMIT * 2 ** level] as const);
    return this.#proven.has(networks[0]) ? own : [...own, [EVERYBODY, TOTAL_LIMIT]];
  }

  #count(key: string): number {
    return this.#counts.get(key) ?? 0;
  }
}

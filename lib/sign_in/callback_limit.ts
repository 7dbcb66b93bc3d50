/**
 * A bound on sign-ins that end in a refusal by Microsoft: nobody can use this program to hammer the token endpoint.
 *
 * @module
 */
import { clientNetworks } from "../../smtp/mod.ts";
import { type Clock, MINUTE_MS } from "../base/mod.ts";

const WINDOW_MS = 10 * MINUTE_MS;
/** From one network in a window; twice and four times as many from an IPv6 /56 and /48. */
const NETWORK_LIMIT = 10;
/** From everywhere in a window. It bounds the memory, too. */
const TOTAL_LIMIT = 300;
/** Networks from which a sign-in has worked. What others do in total does not hold them up. */
const PROVEN_LIMIT = 1_000;
const EVERYBODY = "everybody";

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
  enter(address: string): boolean {
    if (this.#clock.now() >= this.#windowEndsAtMs) this.#startWindow();
    const limits = this.#limitsOf(address);
    if (limits.some(([key, limit]) => this.#count(key) >= limit)) return false;
    for (const [key] of limits) this.#counts.set(key, this.#count(key) + 1);
    return true;
  }

  /** Takes the count of a sign-in that has worked back. */
  succeeded(address: string): void {
    for (const [key] of this.#limitsOf(address)) {
      this.#counts.set(key, Math.max(0, this.#count(key) - 1));
    }
    const [network] = clientNetworks(address);
    this.#proven.delete(network);
    this.#proven.add(network);
    if (this.#proven.size > PROVEN_LIMIT) this.#proven.delete(this.#proven.keys().next().value!);
  }

  #startWindow(): void {
    this.#counts.clear();
    this.#windowEndsAtMs = this.#clock.now() + WINDOW_MS;
  }

  #limitsOf(address: string): readonly (readonly [key: string, limit: number])[] {
    const networks = clientNetworks(address);
    const own = networks.map((network, level) => [network, NETWORK_LIMIT * 2 ** level] as const);
    return this.#proven.has(networks[0]) ? own : [...own, [EVERYBODY, TOTAL_LIMIT]];
  }

  #count(key: string): number {
    return this.#counts.get(key) ?? 0;
  }
}

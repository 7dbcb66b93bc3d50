/**
 * The circuit breaker in front of the token endpoint: while requests fail, it holds others back, so that an outage does not
 * cause a flood of them.
 *
 * @module
 */
import { type Application, withinMs } from "../../smtp/mod.ts";
import { type Clock, HOUR_MS, MINUTE_MS, SECOND_MS } from "../base/mod.ts";
import { MicrosoftError, type MicrosoftFailure } from "../microsoft/mod.ts";
import { Backoff, type BackoffLimits, type Random } from "./backoff.ts";

/** Failures that concern more than one account, with the pauses after them. */
const LIMITS: Readonly<Partial<Record<MicrosoftFailure, BackoffLimits>>> = {
  temporary: { firstMs: SECOND_MS, maxMs: MINUTE_MS },
  registration: { firstMs: 30 * SECOND_MS, maxMs: 10 * MINUTE_MS },
};
/** A probe that takes longer is a failure for the requests that wait behind it. */
const PROBE_TIMEOUT_MS = 3 * SECOND_MS;

/** A circuit that was not tried for this long belongs to deleted accounts. */
const FORGOTTEN_MS = HOUR_MS;

/** Requests that fail in a row. */
interface Circuit {
  readonly backoff: Backoff;
  readonly sinceMs: number;
  error: MicrosoftError;
  /** The one request that may find out whether the failure is over. */
  probe?: Promise<unknown>;
}

/**
 * Lets requests through while they succeed (closed), none during a pause (open), and one at a time after it (half-open).
 *
 * There is one circuit for each app registration and one for each organisation that uses it. A request has to pass both. Only
 * a refused client secret or certificate, or the network, opens that of the registration: what fails for one organisation
 * stops no other, and a failure of one account opens none. Only circuits that are not closed are kept in memory.
 */
export class CircuitBreaker {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #circuits = new Map<string, Circuit>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Returns the earliest time of the next request; in the past while the circuits are closed. */
  retryAtMs(application: Application): number {
    return Math.max(0, ...this.#failing(application).map(({ backoff }) => backoff.untilMs));
  }

  /** Whether a failure that concerns more than one account stops this application. */
  isFailing(application: Application): boolean {
    return this.#failing(application).length > 0;
  }

  /** Returns the time since which the service itself fails, for anybody; undefined while it works. */
  outageSinceMs(): number | undefined {
    const nowMs = this.#clock.now();
    const outages = [...this.#circuits.values()].filter(({ error, backoff }) =>
      error.failure === "temporary" && nowMs - backoff.untilMs < FORGOTTEN_MS
    );
    return outages.length === 0 ? undefined : Math.min(...outages.map(({ sinceMs }) => sinceMs));
  }

  /**
   * Sends a request, unless a circuit is open.
   *
   * @throws {MicrosoftError} that of the request, or the one that opened the circuit.
   */
  async run<Result>(application: Application, request: () => Promise<Result>): Promise<Result> {
    for (let probed; (probed = this.#blockedBy(application));) await this.#waitForProbe(probed);
    const answer = this.#watch(application, request());
    for (const circuit of this.#failing(application)) {
      const probe = Promise.allSettled([answer]).then(() => circuit.probe = undefined);
      circuit.probe = probe;
    }
    return await answer;
  }

  /** Returns the circuit whose probe is under way. @throws {MicrosoftError} of a circuit that is open. */
  #blockedBy(application: Application): Circuit | undefined {
    const failing = this.#failing(application);
    const nowMs = this.#clock.now();
    const open = failing.find(({ backoff }) => nowMs < backoff.untilMs);
    if (open) throw open.error;
    return failing.find(({ probe }) => probe);
  }

  async #waitForProbe({ probe, error }: Circuit): Promise<void> {
    if (!await withinMs(this.#clock, PROBE_TIMEOUT_MS, probe!)) throw error;
  }

  async #watch<Result>(application: Application, answer: Promise<Result>): Promise<Result> {
    try {
      const result = await answer;
      this.#close(keysOf(application));
      return result;
    } catch (error) {
      this.#fail(application, error);
      throw error;
    }
  }

  #fail(application: Application, error: unknown): void {
    const [registration, tenant] = keysOf(application);
    const limits = error instanceof MicrosoftError ? LIMITS[error.failure] : undefined;
    if (!(error instanceof MicrosoftError) || !limits || error.explanation.reach === "account") {
      return this.#close([registration, tenant]);
    }
    const isTenant = error.explanation.reach === "tenant";
    // An answer for one organisation shows that the network works; it says nothing about the client secret.
    const network = this.#circuits.get(registration)?.error.failure === "temporary";
    if (isTenant && network) this.#close([registration]);
    this.#open(isTenant ? tenant : registration, error, limits);
  }

  #open(key: string, error: MicrosoftError, limits: BackoffLimits): void {
    const nowMs = this.#clock.now();
    const former = this.#circuits.get(key);
    // Requests that were sent together fail together: that is one failure.
    if (former && nowMs < former.backoff.untilMs) return;
    const backoff = former?.backoff ?? new Backoff(this.#random);
    backoff.fail(nowMs, limits, error.retryAfterMs);
    if (former) former.error = error;
    else this.#circuits.set(key, { backoff, error, sinceMs: nowMs });
  }

  #close(keys: readonly string[]): void {
    for (const key of keys) this.#circuits.delete(key);
  }

  #failing(application: Application): Circuit[] {
    return keysOf(application).flatMap((key) => this.#circuits.get(key) ?? []);
  }
}

function keysOf(application: Application): [registration: string, tenant: string] {
  return [application.clientId, tenantKey(application)];
}

/** Returns the key of an app registration in one organisation. */
export function tenantKey({ clientId, tenantId }: Application): string {
  return `${clientId} ${tenantId}`;
}

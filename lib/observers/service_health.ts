/**
 * The health of the running server, for the admin page: certificates, renewals of tokens, and the way upstream.
 *
 * @module
 */
import type { MailboxCounts, Observer } from "../../smtp/mod.ts";
import type { RenewalOutcome } from "../tokens/mod.ts";

/** The sources that exist only while the server runs. */
export interface HealthSources {
  /** Returns each certificate in use, by its purpose, with the end of its validity in milliseconds since the epoch. */
  certificates(): readonly (readonly [use: string, expiresAtMs: number])[];
  /** Returns the connections of each mailbox that has any. */
  mailboxes(): readonly MailboxCounts[];
}

/** Times of deliveries, from MAIL to the final reply. */
export interface Latency {
  /** Deliveries that were measured. */
  readonly count: number;
  /** Half of them took no longer, in milliseconds. */
  readonly p50Ms: number;
  /** 95 of 100 took no longer. */
  readonly p95Ms: number;
}

/** Renewals with one outcome since the start. */
export interface RenewalCount {
  readonly outcome: RenewalOutcome;
  readonly count: number;
  readonly lastAtMs: number;
}

/** The health of the server at one moment. */
export interface HealthReport {
  readonly certificates: readonly (readonly [use: string, expiresAtMs: number])[];
  /** Absent: nothing was delivered since the start. */
  readonly latency?: Latency;
  readonly renewals: readonly RenewalCount[];
  /** The mailboxes with the longest queues, at most {@linkcode SHOWN_MAILBOXES}. */
  readonly mailboxes: readonly MailboxCounts[];
}

/** Deliveries that are remembered: the last ones. */
const REMEMBERED = 1000;
const SHOWN_MAILBOXES = 20;

/** Collects what the admin page shows about this process. */
export class ServiceHealth {
  readonly #now: () => number;
  readonly #durationsMs: number[] = [];
  #next = 0;
  readonly #renewals = new Map<RenewalOutcome, RenewalCount>();
  #sources: HealthSources = { certificates: () => [], mailboxes: () => [] };

  /** @param now Milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes the events of the SMTP server. */
  readonly observe: Observer = (event) => {
    if (event.type !== "delivery" || event.delivery.outcome !== "accepted") return;
    this.#durationsMs[this.#next] = event.delivery.durationMs;
    this.#next = (this.#next + 1) % REMEMBERED;
  };

  /** Counts a renewal of tokens. */
  observeRenewal(outcome: RenewalOutcome): void {
    const count = (this.#renewals.get(outcome)?.count ?? 0) + 1;
    this.#renewals.set(outcome, { outcome, count, lastAtMs: this.#now() });
  }

  /** Sets the sources, when the server has started. */
  watch(sources: HealthSources): void {
    this.#sources = sources;
  }

  /** Returns the current health. */
  read(): HealthReport {
    const queue = this.#sources.mailboxes()
      .toSorted((a, b) => b.waiting - a.waiting || b.inUse - a.inUse);
    return {
      certificates: this.#sources.certificates(),
      latency: latencyOf(this.#durationsMs),
      renewals: [...this.#renewals.values()],
      mailboxes: queue.slice(0, SHOWN_MAILBOXES),
    };
  }
}

function latencyOf(durationsMs: readonly number[]): Latency | undefined {
  const sorted = durationsMs.toSorted((a, b) => a - b);
  const count = sorted.length;
  if (count === 0) return undefined;
  const at = (share: number) => sorted[Math.ceil(share * count) - 1]!;
  return { count, p50Ms: at(0.5), p95Ms: at(0.95) };
}

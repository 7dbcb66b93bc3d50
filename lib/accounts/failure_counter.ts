/**
 * Counters of failed logins, and the delays that follow.
 *
 * @module
 */
import type { Clock } from "../base/mod.ts";

/** The delays that follow failures. */
export interface DelayRule {
  /** Failures before the first delay. */
  readonly freeFailures: number;
  /** The first delay; each further failure doubles it. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** Without another failure, all are forgotten after this time. */
  readonly memoryMs: number;
}

/** Some hundred octets each. Somebody with more networks than this is slowed down by the total alone. */
const ENTRY_LIMIT = 10_000;

/** The number of wrong passwords that are recognised when they come again. */
const FINGERPRINT_LIMIT = 8;

interface Entry {
  failureCount: number;
  lastFailureMs: number;
  /** Of the latest wrong passwords. */
  readonly fingerprints: string[];
  /** Whether a login has succeeded. */
  proven: boolean;
}

/** Counts failures by key. The least recently used entry leaves first. */
export class FailureCounter {
  readonly #rule: DelayRule;
  readonly #clock: Pick<Clock, "now">;
  readonly #entries = new Map<string, Entry>();

  constructor(rule: DelayRule, clock: Pick<Clock, "now">) {
    this.#rule = rule;
    this.#clock = clock;
  }

  /** The number of remembered keys. */
  get size(): number {
    return this.#entries.size;
  }

  /** Returns the rest of the key's delay in milliseconds; 0 if there is none. */
  delayMs(key: string): number {
    const entry = this.#entries.get(key);
    if (entry === undefined) return 0;
    const { freeFailures, firstDelayMs, longestDelayMs } = this.#rule;
    const excess = this.#failureCount(entry) - freeFailures;
    if (excess < 0) return 0;
    const delayMs = Math.min(firstDelayMs * 2 ** excess, longestDelayMs);
    return Math.max(0, entry.lastFailureMs + delayMs - this.#clock.now());
  }

  /** Whether a login with this key has succeeded. */
  isProven(key: string): boolean {
    return this.#entries.get(key)?.proven ?? false;
  }

  /** Counts a failure; false if it is a repetition. @param fingerprint A hash of the wrong password. */
  failed(key: string, fingerprint: string): boolean {
    const entry = this.#touch(key);
    if (entry.fingerprints.includes(fingerprint)) return false;
    entry.fingerprints.unshift(fingerprint);
    entry.fingerprints.splice(FINGERPRINT_LIMIT);
    entry.failureCount = this.#failureCount(entry) + 1;
    entry.lastFailureMs = this.#clock.now();
    return true;
  }

  /** Takes the failures of a key back after a success. Returns their number. */
  succeeded(key: string): number {
    const entry = this.#touch(key);
    const failureCount = this.#failureCount(entry);
    entry.failureCount = 0;
    entry.proven = true;
    return failureCount;
  }

  /** Takes back failures that turned out to be an owner's. */
  forgive(key: string, failureCount: number): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.failureCount = Math.max(0, entry.failureCount - failureCount);
  }

  #failureCount({ failureCount, lastFailureMs }: Entry): number {
    return this.#clock.now() - lastFailureMs < this.#rule.memoryMs ? failureCount : 0;
  }

  #touch(key: string): Entry {
    const entry = this.#entries.get(key) ??
      { failureCount: 0, lastFailureMs: 0, fingerprints: [], proven: false };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > ENTRY_LIMIT) this.#entries.delete(this.#entries.keys().next().value!);
    return entry;
  }
}

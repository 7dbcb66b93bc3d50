/**
 * The timeouts of a session. Time spent waiting for the upstream never counts.
 *
 * @module
 */
import type { Clock } from "../clock.ts";
import type { AllSessionLimits } from "./limits.ts";
import { IDLE_TIMEOUT, LOGIN_TIMEOUT } from "./replies.ts";
import { type Reply, SmtpError } from "../protocol/mod.ts";
import type { WireReader } from "../net/mod.ts";

/** How long a message can be below the minimum rate: a short stall is not an attack. */
const DATA_RATE_GRACE_MS = 60_000;

/** The part of a session's state that its timeouts depend on. */
export interface Activity {
  readonly loggedIn: boolean;
  /** Whether a message is being received. */
  readonly receiving: boolean;
  /** Whether it is the client's turn to read, or to finish the TLS handshake. */
  readonly clientIsSlow: boolean;
}

/** Watches the time of one session. */
export class Timeouts {
  readonly #reader: WireReader;
  readonly #limits: AllSessionLimits;
  readonly #clock: Clock;
  readonly #connectedMs: number;
  /** When a check first found the client slow. */
  #slowSinceMs: number | undefined;
  #messageFrom = { octetCount: 0, waitedMs: 0 };

  /** @param connectedMs When the client connected, in milliseconds since the epoch. */
  constructor(
    reader: WireReader,
    connectedMs: number,
    { limits, clock }: { readonly limits: AllSessionLimits; readonly clock: Clock },
  ) {
    this.#reader = reader;
    this.#limits = limits;
    this.#clock = clock;
    this.#connectedMs = connectedMs;
  }

  /** Starts to measure the rate of a message. */
  messageBegins(): void {
    this.#messageFrom = { octetCount: this.#reader.octetCount, waitedMs: this.#reader.waitedMs };
  }

  /** Returns the error with which the session has to end; undefined if no timeout has expired. */
  expired(activity: Activity): SmtpError | undefined {
    const timeMs = this.#clock.now();
    if (!activity.clientIsSlow) this.#slowSinceMs = undefined;
    else this.#slowSinceMs ??= timeMs;
    const readingSinceMs = this.#reader.waitingSinceMs;
    const sinceMs = readingSinceMs ?? this.#slowSinceMs;
    if (sinceMs === undefined) return undefined;
    if (!activity.loggedIn) {
      const late = timeMs - this.#connectedMs > this.#limits.loginTimeoutSeconds * 1000;
      return late ? ended(LOGIN_TIMEOUT, "no login in time") : undefined;
    }
    const limitSeconds = activity.receiving
      ? this.#limits.dataTimeoutSeconds
      : this.#limits.idleTimeoutSeconds;
    if (timeMs - sinceMs > limitSeconds * 1000) {
      return ended(IDLE_TIMEOUT, `silent for ${limitSeconds} s`);
    }
    const sends = activity.receiving && readingSinceMs !== undefined;
    if (!sends || !this.#isTooSlow(timeMs - sinceMs)) return undefined;
    return ended(IDLE_TIMEOUT, "below the minimum data rate");
  }

  #isTooSlow(waitingMs: number): boolean {
    const waitedMs = this.#reader.waitedMs + waitingMs - this.#messageFrom.waitedMs;
    const octetCount = this.#reader.octetCount - this.#messageFrom.octetCount;
    const leastOctets = this.#limits.dataRateOctetsPerSecond * waitedMs / 1000;
    return waitedMs > DATA_RATE_GRACE_MS && octetCount < leastOctets;
  }
}

function ended(reply: Reply, cause: string): SmtpError {
  return new SmtpError(reply, { closes: true, cause: new Error(cause) });
}

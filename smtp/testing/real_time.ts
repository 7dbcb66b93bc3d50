/**
 * Real time in tests: a faster clock, and waiting until work stalls.
 *
 * @module
 */
import { systemClock } from "../../lib/base/mod.ts";
import { type Clock, pause } from "../clock.ts";

/** Returns the real clock with timers that are `factor` times as fast. */
export function fastClock(factor: number): Clock {
  return {
    now: systemClock.now,
    setTimer: (delayMs, callback) => systemClock.setTimer(delayMs / factor, callback),
  };
}

/** Number of checks without progress after which work counts as stalled, and the time between two checks. */
const STALL_CHECKS = 20;
const CHECK_INTERVAL_MS = 5;

/**
 * Resolves when a count has stopped growing. It resolves early on a slow machine, so assertions after it must hold at any time.
 */
export async function stalls(count: () => number): Promise<void> {
  for (let checks = 0, last = count(); checks < STALL_CHECKS; checks++) {
    await pause(systemClock, CHECK_INTERVAL_MS);
    if (count() !== last) checks = 0;
    last = count();
  }
}

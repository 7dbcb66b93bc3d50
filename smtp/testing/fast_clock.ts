/**
 * The real clock, but faster.
 *
 * @module
 */
import { systemClock } from "../../lib/base/clock.ts";
import type { Clock } from "../clock.ts";

/** Returns a clock whose timers are `factor` times as fast. */
export function fastClock(factor: number): Clock {
  return {
    now: systemClock.now,
    setTimer: (delayMs, callback) => systemClock.setTimer(delayMs / factor, callback),
  };
}

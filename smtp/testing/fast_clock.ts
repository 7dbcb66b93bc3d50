/**
 * The real clock, in a hurry.
 *
 * @module
 */
import { systemClock } from "../../lib/base/clock.ts";
import type { Clock } from "../clock.ts";

/** A clock whose timers are so many times as fast. */
export function fastClock(factor: number): Clock {
  return {
    now: systemClock.now,
    setTimer: (delayMs, callback) => systemClock.setTimer(delayMs / factor, callback),
  };
}

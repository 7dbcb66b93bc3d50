/**
 * Time as a dependency: the program gets the real clock, a test gets one in which months pass at once.
 *
 * @module
 */

import type { Clock } from "../../smtp/mod.ts";

export { type Clock, pause, type Timer } from "../../smtp/mod.ts";

/** Units of time in milliseconds. */
export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** `setTimeout` counts in 32 bits: a longer delay would end at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** Resolves when everything else that is ready has had its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** The machine's clock. A pending timer keeps the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(delayMs, callback) {
    const end = performance.now() + delayMs;
    let id: ReturnType<typeof setTimeout>;
    const wait = () => {
      const restMs = Math.max(0, end - performance.now());
      id = restMs > LONGEST_TIMEOUT_MS
        ? setTimeout(wait, LONGEST_TIMEOUT_MS)
        : setTimeout(callback, restMs);
    };
    wait();
    return { cancel: () => clearTimeout(id) };
  },
};

/**
 * A clock for durations: nobody sets it, as the machine's is set after a start or a pause. It begins with the machine's time
 * and goes its own way from there.
 */
export const steadyClock: Clock = {
  now: () => Math.floor(performance.timeOrigin + performance.now()),
  setTimer: systemClock.setTimer,
};

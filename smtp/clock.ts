/**
 * Time as a dependency: the program uses the real clock, a test one that stands still until it is moved.
 *
 * @module
 */

/** A pending callback. */
export interface Timer {
  /** Cancels the callback. Does nothing if it has already run. */
  cancel(): void;
}

/** Tells the time and calls back later. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Calls `callback` once, `delayMs` from now; any length is allowed. */
  setTimer(delayMs: number, callback: () => void): Timer;
}

/** Calls back at every interval until it is cancelled. */
export function every(clock: Clock, intervalMs: number, callback: () => void): Timer {
  let timer: Timer;
  const wait = () => {
    timer = clock.setTimer(intervalMs, () => {
      wait();
      callback();
    });
  };
  wait();
  return { cancel: () => timer.cancel() };
}

/** Returns a signal that aborts after a delay, unless it is disposed of before. */
export function abortAfter(
  clock: Clock,
  delayMs: number,
): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const timer = clock.setTimer(delayMs, () => controller.abort());
  return { signal: controller.signal, [Symbol.dispose]: () => timer.cancel() };
}

/** Resolves after a delay. */
export function pause(clock: Pick<Clock, "setTimer">, delayMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  clock.setTimer(delayMs, resolve);
  return promise;
}

/** Waits for work, but no longer than `durationMs`; the work then goes on. Returns whether it has finished. */
export async function withinMs(
  clock: Pick<Clock, "setTimer">,
  durationMs: number,
  work: Promise<unknown>,
): Promise<boolean> {
  const { promise: timeout, resolve } = Promise.withResolvers<boolean>();
  const timer = clock.setTimer(durationMs, () => resolve(false));
  const isOver = await Promise.race([work.then(() => true), timeout]);
  timer.cancel();
  return isOver;
}

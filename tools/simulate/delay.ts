import type { Clock } from "../../lib/base/mod.ts";

/** Resolves after a delay. @throws the reason of the signal if it is aborted before. */
export function delay(
  clock: Pick<Clock, "setTimer">,
  delayMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = clock.setTimer(delayMs, resolve);
  signal.addEventListener("abort", () => {
    timer.cancel();
    reject(signal.reason);
  });
  return promise;
}

/**
 * Waiting until work stalls.
 *
 * @module
 */

/** Number of checks without progress after which work counts as stalled, and the time between two checks. */
const LOOKS = 20;
const LOOK_INTERVAL_MS = 5;

/**
 * Resolves when a count has stopped growing. It resolves early on a slow machine, so assertions after it must hold at any
 * time.
 */
export async function stalls(count: () => number): Promise<void> {
  for (let looks = 0, last = count(); looks < LOOKS; looks++) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
    if (count() !== last) looks = 0;
    last = count();
  }
}

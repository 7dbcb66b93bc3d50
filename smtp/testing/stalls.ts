/**
 * Telling that something waits.
 *
 * @module
 */

/** Looks without progress after which something counts as stalled, and the time between two looks. */
const LOOKS = 20;
const LOOK_INTERVAL_MS = 5;

/**
 * Resolves when a count has stopped to grow. A slow machine makes it resolve early, so what is asserted then has to hold
 * at any time: that the count is below its end.
 */
export async function stalls(count: () => number): Promise<void> {
  for (let looks = 0, last = count(); looks < LOOKS; looks++) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
    if (count() !== last) looks = 0;
    last = count();
  }
}

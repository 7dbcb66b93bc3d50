/**
 * Retries after Microsoft's `432 4.3.2 Concurrent connections limit exceeded`: the mailbox is also used elsewhere.
 *
 * @module
 */
import { type Clock, pause } from "../clock.ts";
import type { Reply } from "../protocol/mod.ts";

const BUSY_CODE = 432;

/** Delays between attempts. Together they are shorter than the timeouts of clients. */
const DELAYS_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

/** Whether the mailbox is over the upstream's limit of connections. */
export function isBusy(reply: Reply): boolean {
  return reply.code === BUSY_CODE;
}

/**
 * Repeats an attempt while the mailbox is over the limit. Only for a sign-in or MAIL, which can be repeated safely, never for
 * a message.
 *
 * @param busy Whether a result means that the mailbox is over the limit.
 * @returns the first other result, or the last one.
 */
export async function whileBusy<T>(
  clock: Clock,
  attempt: () => Promise<T>,
  busy: (result: T) => boolean,
): Promise<T> {
  for (const delayMs of DELAYS_MS) {
    const result = await attempt();
    if (!busy(result)) return result;
    await pause(clock, delayMs);
  }
  return await attempt();
}

/**
 * Microsoft's `432 4.3.2 Concurrent connections limit exceeded`: the mailbox sends elsewhere too, and has room again soon.
 *
 * @module
 */
import type { Clock } from "../clock.ts";
import type { Reply } from "../protocol/mod.ts";

const BUSY_CODE = 432;

/** How long to wait before each further try, in milliseconds; together less than the clients' own patience. */
const DELAYS_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

/** Whether the upstream has no room for the mailbox now. */
export function isBusy(reply: Reply): boolean {
  return reply.code === BUSY_CODE;
}

/**
 * Tries again while the upstream has no room. Only for what promises nothing: sign-in and MAIL, never a message.
 *
 * @param busy Whether a result says that there is no room.
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
    const { promise, resolve } = Promise.withResolvers<void>();
    clock.setTimer(delayMs, resolve);
    await promise;
  }
  return await attempt();
}

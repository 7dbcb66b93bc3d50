import { setImmediate } from "node:timers";

/** Enough turns of the event loop for promises, and for the bodies of responses that were made in memory. */
const TURNS = 10;

/** Lets work that needs no outside event come to rest: for a `ManualClock`. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}

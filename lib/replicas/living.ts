import { SECOND_MS } from "../base/mod.ts";

/** Between two signs of life of a replica. */
export const PULSE_INTERVAL_MS = SECOND_MS;
/** A replica that is unseen for so long is dead: its leases and slots are free. */
export const DEAD_AFTER_MS = 5 * SECOND_MS;

/** The earliest sign of life of a replica that lives, in SQL. */
export const ALIVE_SINCE = `clock_timestamp() - interval '${DEAD_AFTER_MS} milliseconds'`;

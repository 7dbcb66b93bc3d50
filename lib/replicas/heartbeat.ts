import { SECOND_MS } from "../base/mod.ts";

/** The time between two heartbeats of a replica. */
export const HEARTBEAT_INTERVAL_MS = SECOND_MS;
/** A replica without a heartbeat for this long is dead: its leases and slots are free. */
export const DEAD_AFTER_MS = 5 * SECOND_MS;

/** The earliest time of the last heartbeat of a replica that is alive, in SQL. */
export const ALIVE_SINCE = `clock_timestamp() - interval '${DEAD_AFTER_MS} milliseconds'`;

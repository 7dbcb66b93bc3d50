/**
 * The upstream side: logins proven by a sign-in, transactions relayed live, connections kept warm.
 *
 * @module
 */
export { UpstreamConnection } from "./connection.ts";
export { Deadlines } from "./deadlines.ts";
export type { PoolLimits } from "./pool.ts";
export { Relay } from "./relay.ts";

/**
 * The upstream side: logins proven by a sign-in, transactions relayed live, connections kept warm.
 *
 * @module
 */
export { UpstreamConnection } from "./connection.ts";
export { DEFAULT_POOL_LIMITS, type PoolLimits } from "./pool.ts";
export { Relay, type RelayOptions } from "./relay.ts";

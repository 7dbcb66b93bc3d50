/**
 * The upstream side: logins that a sign-in proves, transactions relayed live, and a pool of warm connections.
 *
 * @module
 */
export { UpstreamConnection } from "./connection.ts";
export { DEFAULT_POOL_LIMITS, type PoolLimits } from "./pool.ts";
export { Relay, type RelayOptions } from "./relay.ts";

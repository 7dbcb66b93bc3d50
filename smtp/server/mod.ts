/**
 * The whole service: ports, sessions and their number, the relay behind them, and stopping.
 *
 * @module
 */
export { DEFAULT_SERVER_LIMITS, type ServerLimits } from "./connection_limit.ts";
export { startTcpService, type TcpServiceSettings } from "./service.ts";

/**
 * Access tokens, renewed ahead of need.
 *
 * @module
 */
export type { TokenStatus } from "./account_tokens.ts";
export type { RenewalOutcome } from "./reporter.ts";
export { Tokens } from "./tokens.ts";

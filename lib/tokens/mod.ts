/**
 * Access tokens, renewed ahead of need: a token cache and a renewal schedule for each account, one token for all app-only
 * mailboxes of an organisation, a circuit breaker for each app registration.
 *
 * @module
 */
export type { TokenStatus } from "./access_token.ts";
export type { LeaseClaim, TokenLease } from "./lease.ts";
export { RENEWAL_OUTCOMES, type RenewalOutcome } from "./reporter.ts";
export { Tokens } from "./tokens.ts";

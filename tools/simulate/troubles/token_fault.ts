/**
 * The ways in which an endpoint of the identity service fails.
 *
 * @module
 */
import type { AadstsCode } from "./microsoft_errors.ts";

/** How an endpoint misbehaves. */
export type TokenFault =
  /** The connection is cut without an answer. */
  | { readonly kind: "down" }
  /** An HTTP status with a transient error, perhaps with `Retry-After`. */
  | { readonly kind: "status"; readonly status: 429 | 500 | 503; readonly retryAfterS?: number }
  /** An HTML page with status 200. */
  | { readonly kind: "malformed" }
  /** No answer at all, until the service stops. */
  | { readonly kind: "hang" }
  /** The right answer, late. */
  | { readonly kind: "slow"; readonly delayMs: number }
  /** Microsoft's JSON for one of its codes. */
  | { readonly kind: "error"; readonly code: AadstsCode };

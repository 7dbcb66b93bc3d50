/**
 * The troubles of the identity service: each of its codes, and the ways in which its token endpoint fails.
 *
 * @module
 */
import { type AadstsCode, IDENTITY_ERRORS, type IdentityError } from "./microsoft_errors.ts";
import type { IdentityStage } from "./stages.ts";

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

/** A refusal or failure of the identity service. */
export interface IdentityTrouble {
  readonly service: "identity";
  /** Its name on the panel. */
  readonly name: string;
  /** The real-world cause, in one sentence. */
  readonly meaning: string;
  /** Where it shows unless other stages are chosen. */
  readonly stages: readonly IdentityStage[];
  readonly fault: TokenFault;
  /** At authorization: whether the person sees it on Microsoft's page, and the application nothing. */
  readonly onPage?: boolean;
  /** The event that ends it. */
  readonly healedBy?: "sign-in" | "admin-consent";
}

const TOKEN_STAGES: readonly IdentityStage[] = ["redemption", "refresh", "application"];
const SLOW_MS = 9_000;

function failure(name: string, fault: TokenFault, meaning: string): IdentityTrouble {
  return { service: "identity", name, meaning, stages: TOKEN_STAGES, fault };
}

const FAILURES = {
  "token-endpoint-down": failure(
    "Sign-in service unreachable",
    { kind: "down" },
    "The network to Microsoft's sign-in service is cut.",
  ),
  "token-endpoint-hangs": failure(
    "Sign-in service does not answer",
    { kind: "hang" },
    "Microsoft's sign-in service takes the request and never answers.",
  ),
  "token-endpoint-slow": failure(
    "Sign-in service slow",
    { kind: "slow", delayMs: SLOW_MS },
    "Microsoft's sign-in service answers after nine seconds.",
  ),
  "token-endpoint-throttles": failure(
    "Sign-in service throttles",
    { kind: "status", status: 429, retryAfterS: 30 },
    "Too many requests for tokens: Microsoft wants thirty seconds of quiet.",
  ),
  "token-endpoint-unavailable": failure(
    "Sign-in service unavailable",
    { kind: "status", status: 503 },
    "Microsoft's sign-in service has an outage.",
  ),
  "token-endpoint-html": failure(
    "Sign-in service shows a web page",
    { kind: "malformed" },
    "Something on the way, or Microsoft itself, answers with a web page instead of data.",
  ),
} satisfies Record<string, IdentityTrouble>;

/** Names a trouble of the identity service. */
export type IdentityTroubleId = AadstsCode | keyof typeof FAILURES;

/** All of them by their id. */
export const IDENTITY_TROUBLES: Readonly<Record<IdentityTroubleId, IdentityTrouble>> = {
  ...FAILURES,
  ...codes(),
};

function codes(): Record<AadstsCode, IdentityTrouble> {
  const rows = Object.entries<IdentityError>(IDENTITY_ERRORS).map(([code, row]) => {
    const { meaning, stages, onPage, healedBy } = row;
    const fault: TokenFault = { kind: "error", code: code as AadstsCode };
    return [code, { service: "identity", name: code, meaning, stages, fault, onPage, healedBy }];
  });
  return Object.fromEntries(rows);
}

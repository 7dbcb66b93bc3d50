/**
 * Errors of Microsoft's identity service: AADSTS numbers, and OAuth error codes where there is no number.
 *
 * @module
 */
import type { Fixer } from "./explain.ts";
import { ACCOUNT_ERRORS } from "./account_errors.ts";
import { SERVICE_ERRORS } from "./service_errors.ts";

/** What an error calls for; see `MicrosoftFailure` in `lib/microsoft/errors.ts`. */
export type SignInOutcome = "temporary" | "sign-in-required" | "registration" | "cancelled";

/** Errors with the same way out. */
export interface SignInErrorGroup {
  readonly outcome: SignInOutcome;
  readonly fixer: Fixer;
  readonly remedy: string;
  /** Title and cause by AADSTS number or OAuth error code. */
  readonly errors: Readonly<Record<string, readonly [title: string, cause: string]>>;
}

/** One error: what it means and what it calls for. */
export interface SignInErrorRow extends Omit<SignInErrorGroup, "errors"> {
  readonly title: string;
  readonly cause: string;
}

/**
 * By AADSTS number without its letters ("70008"), or by OAuth error code (RFC 6749 sections 4.1.2.1 and 5.2, RFC 8628 section
 * 3.5, OpenID Connect Core section 3.1.2.6).
 */
export const SIGN_IN_ERRORS: ReadonlyMap<string, SignInErrorRow> = new Map(
  [...ACCOUNT_ERRORS, ...SERVICE_ERRORS].flatMap(rowsOf),
);

function rowsOf({ errors, ...common }: SignInErrorGroup): [string, SignInErrorRow][] {
  return Object.entries(errors).map((
    [code, [title, cause]],
  ) => [code, { ...common, title, cause }]);
}

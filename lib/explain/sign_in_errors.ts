/**
 * Errors of Microsoft's identity service: AADSTS numbers, and OAuth error codes where there is no number.
 *
 * @module
 */
import { ACCOUNT_ERRORS } from "./account_errors.ts";
import type { SignInErrorGroup, SignInExplanation } from "./explanation.ts";
import { SERVICE_ERRORS } from "./service_errors.ts";
import { displayText, toSmtpText } from "./text.ts";

/** One error: its meaning and what it calls for. */
export interface SignInErrorRow extends Omit<SignInErrorGroup, "errors"> {
  readonly title: string;
  readonly cause: string;
}

/**
 * All errors, by AADSTS number without its letters ("70008"), or by OAuth error code (RFC 6749 sections 4.1.2.1 and 5.2,
 * RFC 8628 section 3.5, OpenID Connect Core section 3.1.2.6).
 */
export const SIGN_IN_ERRORS: ReadonlyMap<string, SignInErrorRow> = new Map(
  [...ACCOUNT_ERRORS, ...SERVICE_ERRORS].flatMap(({ errors, ...common }) =>
    Object.entries(errors).flatMap(([codes, [title, cause]]) =>
      codes.split(" ").map((code) => [code, { ...common, title, cause }] as const)
    )
  ),
);

const AADSTS_CODE = /\bAADSTS(\d{4,9})\b/;

/**
 * Explains an error of the identity service.
 *
 * @param error The OAuth error code ("invalid_grant") or an AADSTS code ("AADSTS70008").
 * @param description Microsoft's own text (`error_description`); an AADSTS number in it is more telling than the error code.
 */
export function explainSignInError(error: string, description = ""): SignInExplanation {
  const number = AADSTS_CODE.exec(`${error} ${description}`)?.[1];
  const row = SIGN_IN_ERRORS.get(number ?? error) ?? SIGN_IN_ERRORS.get(error);
  const code = number ? `AADSTS${number}` : displayText(error) || "unknown_error";
  if (!row) return unknownError(code, description);
  return { ...row, code, smtpText: toSmtpText(row.title), known: true };
}

/** Explains an account's stored reason, as `AccountRecord.stateReason` has it. */
export function explainReason(reason: string | undefined): SignInExplanation {
  return explainSignInError(reason ?? "invalid_grant");
}

/**
 * Returns the reply text for a mail client whose account has to sign in again: what to do first, then why.
 *
 * @param reason As `AccountRecord.stateReason` has it.
 * @param publicUrl Address of the web pages, where it is known.
 */
export function signInRequiredText(reason: string | undefined, publicUrl?: string): string {
  const { smtpText, code } = explainReason(reason);
  const where = publicUrl ? `at ${publicUrl}` : "on the proxy's web page";
  return toSmtpText(`Sign in with Microsoft again ${where} - ${smtpText} (${code})`);
}

function unknownError(code: string, description: string): SignInExplanation {
  return {
    code,
    title: "Microsoft refused the request",
    cause: displayText(description) || "Microsoft gave no reason.",
    fixer: "operator",
    remedy: `Search Microsoft's documentation for ${code}, or ask the operator of this proxy.`,
    smtpText: toSmtpText(`Microsoft refused the request (${code})`),
    known: false,
  };
}

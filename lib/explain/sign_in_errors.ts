/**
 * Errors of Microsoft's identity service: AADSTS numbers, and OAuth error codes where there is no number.
 *
 * @module
 */
import { ACCOUNT_ERRORS } from "./account_errors.ts";
import type {
  AccountKind,
  Reach,
  SignInErrorGroup,
  SignInExplanation,
  SignInOutcome,
  Wording,
} from "./explanation.ts";
import { PRESS_AGAIN, PROXY_RETRIES, SIGN_IN_AGAIN } from "./remedies.ts";
import { SERVICE_ERRORS } from "./service_errors.ts";
import { displayText, toSmtpText } from "./text.ts";

/** One error: its meaning and what it calls for. */
type SignInErrorRow = Omit<SignInErrorGroup, "errors"> & Wording;

/**
 * All errors, by AADSTS number without its letters ("70008"), or by OAuth error code (RFC 6749 sections 4.1.2.1 and 5.2,
 * RFC 8628 section 3.5, OpenID Connect Core section 3.1.2.6).
 */
export const SIGN_IN_ERRORS: ReadonlyMap<string, SignInErrorRow> = new Map(
  [...ACCOUNT_ERRORS, ...SERVICE_ERRORS].flatMap(({ errors, ...common }) =>
    Object.entries(errors).flatMap(([codes, text]) => {
      const [title = "", cause = ""] = text.split(/\. (.*)/, 2);
      return codes.split(" ").map((code) => [code, { ...common, title, cause }] as const);
    })
  ),
);

/** An unknown number means what the OAuth error beside it means; the words for it are Microsoft's. */
const UNKNOWN: Readonly<
  Record<SignInOutcome, Pick<Wording, "title" | "fixer"> & Pick<SignInErrorGroup, "atSignIn">>
> = {
  "temporary": {
    title: "Microsoft's sign-in service has trouble",
    fixer: "nobody",
    atSignIn: PRESS_AGAIN,
  },
  "sign-in-required": {
    title: "Microsoft asks for a new sign-in",
    fixer: "user",
    atSignIn: { title: "Microsoft did not accept this sign-in" },
  },
  "registration": { title: "Microsoft refused the app registration", fixer: "operator" },
  "cancelled": { title: "Microsoft refused the request", fixer: "operator" },
  "refused": { title: "Microsoft refused the request", fixer: "operator" },
};

/** The owner of a personal account has no administrator: rules that block it are Microsoft's own. */
const BLOCKED_BY_MICROSOFT: Wording = {
  title: "Microsoft blocks this sign-in",
  cause: "Microsoft's security rules do not let this account in at the moment.",
  fixer: "user",
  remedy:
    "Sign in at account.microsoft.com and follow what it asks for, then sign in with Microsoft again on the proxy's web page.",
};

const AADSTS_CODE = /\bAADSTS(\d{4,9})\b:?\s*/;
/** As {@linkcode reasonOf} writes it: "AADSTS70008 (invalid_grant): Microsoft's text". */
const REASON = /^(\S+)(?: \((\S+)\))?(?:: (.*))?$/s;

/**
 * Explains an error of the identity service.
 *
 * @param error The OAuth error code ("invalid_grant") or an AADSTS code ("AADSTS70008").
 * @param description Microsoft's own text (`error_description`); an AADSTS number in it is more telling than the error code.
 * @param kind Of the account, where it is known.
 */
export function explainSignInError(
  error: string,
  description = "",
  kind?: AccountKind,
): SignInExplanation {
  const number = AADSTS_CODE.exec(`${error} ${description}`)?.[1];
  const detail = displayText(description.replace(AADSTS_CODE, ""));
  const code = number ? `AADSTS${number}` : displayText(error) || "unknown_error";
  const row = SIGN_IN_ERRORS.get(number ?? error);
  if (!row) return unknownError(code, SIGN_IN_ERRORS.get(error)?.outcome, detail);
  const isBlocked = kind === "personal" && row.fixer === "tenant-admin";
  const own = kind && row.kinds?.[kind];
  const words = { ...row, ...isBlocked && !own && BLOCKED_BY_MICROSOFT, ...own };
  return {
    ...words,
    adminConsent: kind === "personal" ? undefined : row.adminConsent,
    reach: row.reach ?? reachOf(row.outcome),
    code,
    ...(detail && { detail }),
    smtpText: toSmtpText(words.title),
    known: true,
  };
}

/** Returns an error as `AccountRecord.stateReason` has it: its code, and Microsoft's own text. */
export function reasonOf(code: string, oauthError: string, detail: string | undefined): string {
  const error = oauthError === "" || oauthError === code ? "" : ` (${oauthError})`;
  return `${code}${error}${detail ? `: ${detail}` : ""}`;
}

/** Explains an account's stored reason, see {@linkcode reasonOf}; a code alone, as older versions have stored it, will do. */
export function explainReason(reason = "invalid_grant", kind?: AccountKind): SignInExplanation {
  const [, code = reason, oauthError, detail = ""] = REASON.exec(reason) ?? [];
  return explainSignInError(oauthError ?? code, `${oauthError ? code : ""} ${detail}`, kind);
}

/**
 * Returns the reply text for a mail client whose account has to sign in again: what to do first, then why.
 *
 * @param reason As `AccountRecord.stateReason` has it.
 * @param kind Of the account.
 * @param publicUrl Address of the web pages, where it is known.
 */
export function signInRequiredText(
  reason: string | undefined,
  kind: AccountKind | undefined,
  publicUrl?: string,
): string {
  const { fixer, smtpText, code } = explainReason(reason, kind);
  const where = publicUrl ? `at ${publicUrl}` : "on the proxy's web page";
  const steps = {
    "user": `Sign in with Microsoft again ${where}`,
    "tenant-admin": "Ask the administrator of your organisation",
    "operator": "Ask the operator of the proxy",
    "nobody": "Try again later",
  };
  return toSmtpText(`${steps[fixer]} - ${smtpText} (${code})`);
}

function unknownError(
  code: string,
  oauthOutcome: SignInOutcome | undefined,
  detail: string,
): SignInExplanation {
  // A number beside access_denied is the reason of a refusal; a person who cancels causes none.
  const outcome = oauthOutcome === undefined || oauthOutcome === "cancelled"
    ? "refused"
    : oauthOutcome;
  const words = UNKNOWN[outcome];
  return {
    ...words,
    code,
    outcome,
    reach: reachOf(outcome),
    cause: detail || "Microsoft gave no reason.",
    remedy: unknownRemedy(words.fixer, code),
    smtpText: toSmtpText(`${words.title} (${code})`),
    known: false,
  };
}

function unknownRemedy(fixer: Wording["fixer"], code: string): string {
  if (fixer === "nobody") return PROXY_RETRIES;
  return `${
    fixer === "user" ? `${SIGN_IN_AGAIN} ` : ""
  }Search Microsoft's documentation for ${code}, or ask the operator of this proxy.`;
}

function reachOf(outcome: SignInOutcome): Reach {
  return outcome === "temporary" || outcome === "registration" ? "tenant" : "account";
}

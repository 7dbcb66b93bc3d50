/**
 * Failures of the identity service, in the few kinds that call for different actions.
 *
 * @module
 */
import * as oauth from "oauth4webapi";
import { SECOND_MS } from "../base/mod.ts";
import {
  type AccountKind,
  explainProxyFault,
  explainSignInError,
  type Reach,
  reasonOf,
  type SignInExplanation,
  type SignInOutcome,
  START_AGAIN,
} from "../explain/mod.ts";

/** The kind of an error; it decides about the next step. */
export type MicrosoftFailure =
  | SignInOutcome
  /** The response does not belong to our request, or is not genuine: state, nonce, signature, issuer, audience. */
  | "untrusted";

/** Options of a {@linkcode MicrosoftError}. */
export interface MicrosoftErrorOptions extends ErrorOptions {
  readonly oauthError?: string;
  readonly retryAfterMs?: number;
  readonly fault?: string;
  readonly kind?: AccountKind;
}

/** An error of the identity service. Its message holds no token, code or secret. */
export class MicrosoftError extends Error {
  override readonly name = "MicrosoftError";
  /** The OAuth error code (RFC 6749 section 5.2) beside Microsoft's number; empty where there was none. */
  readonly oauthError: string;
  /** The pause that the service asked for (RFC 9110 section 10.2.3). */
  readonly retryAfterMs?: number;
  /** The fault among `PROXY_FAULTS` where no error of Microsoft's tells the cause: it has not answered, or we could not ask. */
  readonly fault?: string;
  /** Of the account that the explanation is for, where it is known. */
  readonly kind?: AccountKind;

  /**
   * @param failure Decides about the next step.
   * @param explanation Cause and remedy for people.
   * @param options `cause` is for the log: it must not hold a secret either.
   */
  constructor(
    readonly failure: MicrosoftFailure,
    readonly explanation: SignInExplanation,
    options: MicrosoftErrorOptions = {},
  ) {
    const { title, code, known, detail = known ? "" : explanation.cause } = explanation;
    super(`${title} (${code})${detail && `: ${detail}`}`, options);
    this.oauthError = options.oauthError ?? "";
    this.retryAfterMs = options.retryAfterMs;
    this.fault = options.fault;
    this.kind = options.kind;
  }

  /** "AADSTS70008", or the OAuth error code where Microsoft gave no number of its own. */
  get code(): string {
    return this.explanation.code;
  }

  /** The error as `AccountRecord.stateReason` has it, see {@linkcode reasonOf}. */
  get reason(): string {
    const { known, cause, detail } = this.explanation;
    return reasonOf(this.code, this.oauthError, known ? detail : cause);
  }

  /** Returns the same error in words for somebody at the sign-in page. */
  atSignIn(): MicrosoftError {
    const { explanation, failure } = this;
    return new MicrosoftError(failure, { ...explanation, ...explanation.atSignIn }, this);
  }
}

/** The parts of an OAuth error response that we use (RFC 6749 section 5.2). */
interface OAuthError {
  readonly error: string;
  readonly description: string;
}

/** HTTP status codes below 500 that pass by themselves (RFC 9110 section 15.5.9, RFC 6585 section 4). */
const TRANSIENT_STATUS: readonly number[] = [408, 425, 429];

/** Errors of oauth4webapi that mean: this token or response is not genuine. */
const UNTRUSTED_CODES: readonly string[] = [
  oauth.JWT_CLAIM_COMPARISON,
  oauth.JWT_TIMESTAMP_CHECK,
  oauth.UNSUPPORTED_OPERATION,
  oauth.INVALID_RESPONSE,
];

/**
 * Converts an error of a request to the identity service into a {@linkcode MicrosoftError}.
 *
 * @param kind Of the account, where it is known.
 */
export async function toMicrosoftError(
  error: unknown,
  nowMs: number,
  kind: AccountKind | undefined,
): Promise<MicrosoftError> {
  if (error instanceof MicrosoftError) return error;
  const response = responseOf(error);
  const oauthError = await oauthErrorOf(error);
  const retryAfterMs = response && readRetryAfter(response, nowMs);
  if (response && isTransient(response.status)) {
    return temporary(`HTTP ${response.status}`, { reach: "tenant", retryAfterMs, ...oauthError });
  }
  if (oauthError) {
    const explanation = explainSignInError(oauthError.error, oauthError.description, kind);
    const options = { oauthError: oauthError.error, retryAfterMs, kind };
    return new MicrosoftError(explanation.outcome, explanation, options);
  }
  if (response) return temporary(`HTTP ${response.status}`, { reach: "tenant", retryAfterMs });
  return isUntrusted(error) ? untrusted(error) : unreachable(error);
}

/** Returns the error for a response that does not fit our request. `problem` is ours, not a stranger's text. */
export function untrustedResponse(problem: string): MicrosoftError {
  return new MicrosoftError("untrusted", {
    ...explainProxyFault("untrusted_response")!,
    cause: problem,
    atSignIn: { fixer: "user", remedy: START_AGAIN },
    outcome: "refused",
    reach: "account",
  }, { fault: "untrusted_response" });
}

function clockSkew(): MicrosoftError {
  const traits = { outcome: "refused", reach: "account" } as const;
  const fault = "clock_skew";
  return new MicrosoftError("untrusted", { ...explainProxyFault(fault)!, ...traits }, { fault });
}

/** Properties of a passing error; `error` and `description` are Microsoft's. */
interface TemporaryOptions extends Partial<OAuthError>, ErrorOptions {
  /** Default: `registration`, as nothing was heard of the service. */
  readonly reach?: Reach;
  readonly retryAfterMs?: number;
}

/** Returns the error for a service that cannot be reached, or that answers nonsense at the moment. */
export function temporary(code: string, options: TemporaryOptions = {}): MicrosoftError {
  const { error, description, reach = "registration", retryAfterMs, cause } = options;
  const told = error === undefined ? undefined : explainSignInError(error, description);
  const fault = "sign-in-service";
  const explanation = {
    ...explainProxyFault(fault)!,
    ...{ code, reach, detail: told?.detail, outcome: "temporary" } as const,
    ...told?.known && { cause: told.cause },
    // The words of a code that passes by itself.
    atSignIn: explainSignInError("temporarily_unavailable").atSignIn,
  };
  const traits = { cause, oauthError: error, retryAfterMs, fault };
  return new MicrosoftError("temporary", explanation, traits);
}

/** Returns the error for an app registration that is not in `APP_SECRETS`. */
export function missingRegistration(clientId: string): MicrosoftError {
  return unusable("registration_missing", {
    cause: `APP_SECRETS has no entry for the application id ${clientId}.`,
    smtpText: "The proxy's app registration for this account is missing",
  });
}

/** Returns the error for files that an app registration cannot prove itself with. `reason` quotes nothing from them. */
export function unusableCredential(clientId: string, files: string, reason: string) {
  return unusable("credential_unusable", {
    cause: `${files} for the application id ${clientId} cannot be used: ${reason}.`,
    smtpText: "The proxy cannot read the credential of its app registration",
  });
}

/** Returns the error for mailboxes whose app registration cannot have tokens of its own. */
export function notForMailboxes(clientId: string, cause: string, remedy: string): MicrosoftError {
  return unusable("registration_unsuitable", {
    cause: `${clientId} ${cause}.`,
    remedy,
    smtpText: "The proxy's app registration cannot send for this mailbox",
  });
}

/** Returns the error for an app registration that we cannot send a request with. @param words Details, where they are known. */
function unusable(fault: string, words: Partial<SignInExplanation>): MicrosoftError {
  return registrationError(fault, { ...explainProxyFault(fault)!, ...words }, fault);
}

/** Returns the error for a sign-in whose answer lacks something, as the app registration lacks these permissions. */
export function incompleteAnswer(code: string, missing: string, permissions: string) {
  const title = `Microsoft gave no ${missing}`;
  return registrationError(code, {
    title,
    cause:
      `The answer of the sign-in lacks it. Most likely the app registration does not have the delegated permission ${permissions}.`,
    remedy:
      `In the Microsoft Entra admin center, open the app registration, then API permissions, and add the delegated permission ${permissions} of Microsoft Graph.`,
    smtpText: title,
  });
}

function registrationError(
  code: string,
  words: Pick<SignInExplanation, "title" | "cause" | "remedy" | "smtpText">,
  fault?: string,
): MicrosoftError {
  const traits = { outcome: "registration", fixer: "operator", reach: "registration" } as const;
  const explanation = { ...words, ...traits, code, known: true };
  return new MicrosoftError("registration", explanation, { fault });
}

/** A message of `fetch` about the network holds no secret; one of a parser could quote it. */
function unreachable(error: unknown): MicrosoftError {
  const isSafe = error instanceof Deno.errors.NotCapable || error instanceof TypeError;
  return temporary("unreachable", isSafe ? { cause: error } : {});
}

function untrusted(error: oauth.OperationProcessingError): MicrosoftError {
  if (error.code === oauth.JWT_TIMESTAMP_CHECK) return clockSkew();
  return untrustedResponse("The token or its signature is not what was asked for.");
}

function isUntrusted(error: unknown): error is oauth.OperationProcessingError {
  return error instanceof Error && "code" in error && UNTRUSTED_CODES.includes(String(error.code));
}

function isTransient(status: number): boolean {
  return status >= 500 || TRANSIENT_STATUS.includes(status);
}

/** Finds the response: oauth4webapi has it as `response`, or as the cause of "this is not what the RFC says". */
function responseOf(error: unknown): Response | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("response" in error && error.response instanceof Response) return error.response;
  return error.cause instanceof Response ? error.cause : undefined;
}

async function oauthErrorOf(error: unknown): Promise<OAuthError | undefined> {
  if (
    error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError
  ) {
    return { error: error.error, description: error.error_description ?? "" };
  }
  if (!(error instanceof oauth.WWWAuthenticateChallengeError)) return undefined;
  return await oauthErrorInBody(error.response);
}

/** A 401 with a challenge (RFC 6749 section 5.2, `invalid_client`) still says what is wrong in its body. */
async function oauthErrorInBody(response: Response): Promise<OAuthError> {
  const body = await response.json().catch(() => ({})); // Not JSON: the status alone has to do.
  const { error = "invalid_client", error_description: description = "" } = body ?? {};
  return { error: String(error), description: String(description) };
}

/** Reads `Retry-After`, in seconds or as a date; absent or nonsense: undefined. */
function readRetryAfter(response: Response, nowMs: number): number | undefined {
  const value = response.headers.get("retry-after")?.trim();
  if (!value) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * SECOND_MS;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

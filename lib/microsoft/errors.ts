/**
 * What can go wrong between us and the identity service, in the few kinds that call for different deeds.
 *
 * @module
 */
import * as oauth from "oauth4webapi";
import { explainSignInError, type SignInExplanation } from "../explain/mod.ts";
import { SECOND_MS } from "../base/mod.ts";

/** What an error of the identity service calls for. */
export type MicrosoftFailure =
  /** Heals by itself: network, time-out, 429, 5xx, something that is not JSON. Try again later. */
  | "temporary"
  /** The grant is dead: only the account's owner can help, by signing in again. */
  | "sign-in-required"
  /** The app registration is refused (secret wrong or expired, deleted): the operator's to repair, no user's fault. */
  | "registration"
  /** The person pressed "cancel" or refused to consent. */
  | "cancelled"
  /** Refused for a reason that we do not know; {@linkcode MicrosoftError.explanation} has Microsoft's own text. */
  | "refused"
  /** The response does not belong to our request, or is not genuine: state, nonce, signature, issuer, audience. */
  | "untrusted";

/** An error of the identity service. Its message holds no token, code or secret. */
export class MicrosoftError extends Error {
  override readonly name = "MicrosoftError";

  /**
   * @param failure Decides what is done about it.
   * @param explanation Cause and remedy for people.
   * @param retryAfterMs How long the service asked us to wait (RFC 9110 section 10.2.3).
   * @param options The cause, for the log: it must not hold a secret either.
   */
  constructor(
    readonly failure: MicrosoftFailure,
    readonly explanation: SignInExplanation,
    readonly retryAfterMs?: number,
    options?: ErrorOptions,
  ) {
    super(`${explanation.title} (${explanation.code})`, options);
  }

  /** "AADSTS70008", or the OAuth error code (RFC 6749 section 5.2) where Microsoft gave no number of its own. */
  get code(): string {
    return this.explanation.code;
  }
}

/** The parts of an OAuth error response that we use (RFC 6749 section 5.2). */
interface OAuthError {
  readonly error: string;
  readonly description: string;
}

/** HTTP status codes below 500 that are nobody's fault (RFC 9110 section 15.5.9, RFC 6585 section 4). */
const TRANSIENT_STATUS: readonly number[] = [408, 425, 429];

/** Errors of oauth4webapi that mean: this token or response is not genuine. */
const UNTRUSTED_CODES: readonly string[] = [
  oauth.JWT_CLAIM_COMPARISON,
  oauth.JWT_TIMESTAMP_CHECK,
  oauth.KEY_SELECTION,
  oauth.UNSUPPORTED_OPERATION,
  oauth.INVALID_RESPONSE,
];

/** Turns whatever a request to the identity service threw into a {@linkcode MicrosoftError}. */
export async function toMicrosoftError(error: unknown, nowMs: number): Promise<MicrosoftError> {
  if (error instanceof MicrosoftError) return error;
  const response = responseOf(error);
  const oauthError = await oauthErrorOf(error);
  if (response && isTransient(response.status)) {
    return temporary(`HTTP ${response.status}`, oauthError, retryAfterMs(response, nowMs));
  }
  if (oauthError) return fromOAuthError(oauthError, response && retryAfterMs(response, nowMs));
  if (response) return temporary(`HTTP ${response.status}`);
  if (isUntrusted(error)) return untrusted(error);
  return unreachable(error);
}

/** What `fetch` says about the network holds no secret; what a parser says could quote one. */
function unreachable(error: unknown): MicrosoftError {
  const { explanation, failure } = temporary("unreachable");
  const isSafe = error instanceof Deno.errors.NotCapable || error instanceof TypeError;
  return new MicrosoftError(failure, explanation, undefined, isSafe ? { cause: error } : {});
}

/** A response that does not fit our request. `problem` is ours, not a stranger's text. */
export function untrustedResponse(problem: string, code = "untrusted_response"): MicrosoftError {
  return new MicrosoftError("untrusted", {
    code,
    title: "The answer of the sign-in could not be verified",
    cause: problem,
    fixer: "user",
    remedy: "Start the sign-in again from the proxy's web page.",
    smtpText: "The sign-in could not be verified",
    known: true,
  });
}

/** The identity service cannot be reached or does not make sense at the moment. */
export function temporary(
  code: string,
  oauthError?: OAuthError,
  retryAfterMs?: number,
): MicrosoftError {
  const cause = oauthError && explainSignInError(oauthError.error, oauthError.description).cause;
  const explanation: SignInExplanation = {
    code,
    title: "Microsoft's sign-in service is not available",
    cause: cause ?? "The service did not answer, or not as it should.",
    fixer: "nobody",
    remedy: "Nothing to do: the proxy tries again by itself.",
    smtpText: "Microsoft's sign-in service is not available; try again later",
    known: true,
    outcome: "temporary",
  };
  return new MicrosoftError("temporary", explanation, retryAfterMs);
}

/** An account's app registration is not in `APP_SECRETS`. */
export function missingRegistration(clientId: string): MicrosoftError {
  return new MicrosoftError("registration", {
    code: "registration_missing",
    title: "The account's app registration is not configured any more",
    cause: `APP_SECRETS has no entry for the application id ${clientId}.`,
    fixer: "operator",
    remedy:
      "Put the app registration back into APP_SECRETS, or have the account's owner sign in again with another one.",
    smtpText: "The proxy's app registration for this account is missing",
    known: true,
    outcome: "registration",
  });
}

function fromOAuthError({ error, description }: OAuthError, retryAfterMs?: number): MicrosoftError {
  const explanation = explainSignInError(error, description);
  // A new AADSTS number is explained by Microsoft's text, and weighed by the OAuth error that came with it.
  const outcome = explanation.outcome ?? explainSignInError(error).outcome ?? "refused";
  return new MicrosoftError(outcome, explanation, retryAfterMs);
}

function untrusted(error: oauth.OperationProcessingError): MicrosoftError {
  if (error.code === oauth.JWT_TIMESTAMP_CHECK) {
    return untrustedResponse(
      "The token's times do not fit this machine's clock. The operator should check the machine's time.",
      "clock_skew",
    );
  }
  return untrustedResponse("The token or its signature is not what was asked for.");
}

function isUntrusted(error: unknown): error is oauth.OperationProcessingError {
  return error instanceof Error && "code" in error && UNTRUSTED_CODES.includes(String(error.code));
}

function isTransient(status: number): boolean {
  return status >= 500 || TRANSIENT_STATUS.includes(status);
}

/** oauth4webapi gives the response as `response`, or as the cause of "this is not what the RFC says". */
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

/** `Retry-After` in seconds or as a date; absent or nonsense: undefined. */
function retryAfterMs(response: Response, nowMs: number): number | undefined {
  const value = response.headers.get("retry-after")?.trim();
  if (!value) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * SECOND_MS;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

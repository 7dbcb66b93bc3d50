/**
 * Errors in the words of Microsoft's identity service: its codes, texts and JSON members.
 *
 * @module
 */

/** The errors that the simulator knows: OAuth error code (RFC 6749 section 5.2), text, and Microsoft's `suberror`. */
const ERRORS = {
  AADSTS50011: [
    "invalid_request",
    "The redirect URI specified in the request does not match the redirect URIs configured for the application.",
  ],
  AADSTS50020: [
    "invalid_grant",
    "User account does not exist in tenant and cannot access the application in that tenant.",
  ],
  AADSTS50058: ["login_required", "A silent sign-in request was sent but no user is signed in."],
  AADSTS50076: [
    "invalid_grant",
    "You must use multi-factor authentication to access the resource.",
    "basic_action",
  ],
  AADSTS50173: [
    "invalid_grant",
    "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
    "bad_token",
  ],
  AADSTS53003: [
    "invalid_grant",
    "Access has been blocked by Conditional Access policies.",
    "message_only",
  ],
  AADSTS54005: [
    "invalid_grant",
    "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
  ],
  AADSTS65001: [
    "invalid_grant",
    "The user or administrator has not consented to use the application.",
    "consent_required",
  ],
  AADSTS65004: ["access_denied", "User declined to consent to access the app."],
  AADSTS70000: ["invalid_grant", "Provided grant is invalid or malformed."],
  AADSTS70002: ["invalid_client", "Error validating credentials."],
  AADSTS70003: ["unsupported_grant_type", "The app requested an unsupported grant type."],
  AADSTS70008: [
    "invalid_grant",
    "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
    "token_expired",
  ],
  AADSTS70016: [
    "authorization_pending",
    "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
  ],
  AADSTS700016: ["unauthorized_client", "Application was not found in the directory."],
  AADSTS700082: [
    "invalid_grant",
    "The refresh token has expired due to inactivity.",
    "token_expired",
  ],
  AADSTS7000215: [
    "invalid_client",
    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.",
  ],
  AADSTS7000222: ["invalid_client", "The provided client secret keys are expired."],
  AADSTS90019: [
    "invalid_request",
    "No tenant-identifying information found in either the request or implied by any provided credentials.",
  ],
  AADSTS90033: ["temporarily_unavailable", "A transient error has occurred. Please try again."],
  AADSTS900144: ["invalid_request", "The request body must contain the required parameters."],
} as const satisfies Record<string, readonly [error: string, text: string, suberror?: string]>;

/** A code of Microsoft's identity service that the simulator can answer with. */
export type AadstsCode = keyof typeof ERRORS;

/** The JSON of a refused request, as Microsoft's token endpoint sends it. */
export interface MicrosoftErrorBody {
  readonly error: string;
  readonly error_description: string;
  readonly error_codes: readonly number[];
  readonly timestamp: string;
  readonly trace_id: string;
  readonly correlation_id: string;
  readonly suberror?: string;
}

/** Makes the JSON for one code. */
export function errorBody(code: AadstsCode): MicrosoftErrorBody {
  const [error, text, suberror] = ERRORS[code] as readonly [string, string, string?];
  const [traceId, correlationId] = [crypto.randomUUID(), crypto.randomUUID()];
  const timestamp = new Date().toISOString().slice(0, 19).replace("T", " ") + "Z";
  return {
    error,
    error_description: `${code}: ${text} Trace ID: ${traceId} Correlation ID: ${correlationId} ` +
      `Timestamp: ${timestamp}`,
    error_codes: [Number(code.slice("AADSTS".length))],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    ...(suberror && { suberror }),
  };
}

/** What the provider's own error says, matched against the first fitting row. */
const TRANSLATIONS: readonly (readonly [error: RegExp, detail: RegExp, code: AadstsCode])[] = [
  [/^invalid_client$/, /client not found/, "AADSTS700016"],
  [/^invalid_client$/, /client is invalid/, "AADSTS700016"],
  [/^invalid_client$/, /./, "AADSTS7000215"],
  [/^invalid_grant$/, /refresh token not found/, "AADSTS50173"],
  [/^invalid_grant$/, /refresh token is expired/, "AADSTS700082"],
  [/^invalid_grant$/, /already consumed/, "AADSTS54005"],
  [/^invalid_grant$/, /expired|not found/, "AADSTS70008"],
  [/^invalid_grant$/, /./, "AADSTS70000"],
  [/^invalid_redirect_uri$/, /./, "AADSTS50011"],
  [/^access_denied$/, /./, "AADSTS65004"],
  [/^(login|account_selection|interaction|consent)_required$/, /./, "AADSTS50058"],
  [/^authorization_pending$/, /./, "AADSTS70016"],
  [/^unsupported_grant_type$/, /./, "AADSTS70003"],
  [/^invalid_request$/, /./, "AADSTS900144"],
];

/** Puts an error of oidc-provider into Microsoft's words; `undefined` where Microsoft has no words of its own. */
export function translateError(error: string, detail: string): MicrosoftErrorBody | undefined {
  const row = TRANSLATIONS.find(([pattern, details]) =>
    pattern.test(error) && details.test(detail)
  );
  return row && errorBody(row[2]);
}

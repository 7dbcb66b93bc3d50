/**
 * The errors of Microsoft's identity service: codes, texts and JSON members.
 *
 * @module
 */
import type { IdentityStage } from "./stages.ts";

/** An error that the simulator can answer with. */
export interface IdentityError {
  /** The OAuth error code at the token endpoint (RFC 6749 section 5.2). */
  readonly error: string;
  /** The OAuth error code in a redirect (RFC 6749 section 4.1.2.1); absent: the same. */
  readonly redirectError?: string;
  /** Microsoft's text, with placeholders in braces. */
  readonly text: string;
  /** Microsoft's own member of the JSON. */
  readonly suberror?: string;
  /** The real-world cause, in one sentence. */
  readonly meaning: string;
  /** Where Microsoft gives it. */
  readonly stages: readonly IdentityStage[];
  /** Shown to the person on Microsoft's own page; the application hears nothing. */
  readonly onPage?: true;
  /** The event that ends it. */
  readonly healedBy?: "sign-in" | "admin-consent";
}

type Code = `AADSTS${number}`;

/** Returns errors that have most fields in common. */
function alike<Codes extends Code>(
  common: Omit<IdentityError, "text" | "meaning">,
  rows: Record<Codes, readonly [text: string, meaning: string, own?: Partial<IdentityError>]>,
): Record<Codes, IdentityError> {
  const entries = Object.entries<readonly [string, string, Partial<IdentityError>?]>(rows);
  return Object.fromEntries(
    entries.map(([code, [text, meaning, own]]) => [code, { ...common, text, meaning, ...own }]),
  ) as Record<Codes, IdentityError>;
}

const ALL_TOKENS: readonly IdentityStage[] = ["redemption", "refresh", "application"];

/** The rules of an organisation, which only its administrator can change. */
const CONDITIONAL_ACCESS = alike({
  error: "invalid_grant",
  redirectError: "access_denied",
  suberror: "message_only",
  stages: ["authorization", "refresh"],
}, {
  AADSTS50131: [
    "Device is not in required device state: known. Or, the request was blocked due to suspicious activity, access policy, or security policy decisions.",
    "The organisation's rules took the sign-in for suspicious.",
  ],
  AADSTS53000: [
    "Your device is required to be managed to access this resource.",
    "The organisation lets in managed devices only, and a server is none.",
  ],
  AADSTS53001: [
    "Device is not in required device state: domain joined.",
    "The organisation lets in computers of its own domain only.",
  ],
  AADSTS53002: [
    "Application used is not an approved application for Conditional Access.",
    "The organisation allows chosen applications only.",
  ],
  AADSTS53003: [
    "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
    "A Conditional Access policy of the organisation blocks this sign-in, for example by country or by application.",
  ],
  AADSTS53010: [
    "Cannot configure multi-factor authentication methods because the organization requires this information to be set from specific locations or devices.",
    "The organisation wants the second factor to be set up from its own premises.",
  ],
  AADSTS530003: [
    "Your device is required to be managed to access this resource.",
    "The organisation lets in managed devices only, and a server is none.",
  ],
  AADSTS530031: [
    "Access policy does not allow token issuance.",
    "A Conditional Access policy of the organisation blocks this sign-in.",
  ],
  AADSTS530032: [
    "User blocked due to tenant security policy configured by the tenant admin.",
    "The organisation has a security policy that blocks this kind of request.",
  ],
  AADSTS530034: [
    "A delegated administrator was blocked from accessing the tenant due to account risk in their home tenant.",
    "A partner's administrator is blocked, because the account counts as risky at home.",
  ],
  AADSTS530035: [
    "Access has been blocked by security defaults. The request is deemed unsafe by security defaults policies.",
    "The security defaults of the organisation block this kind of sign-in.",
  ],
});

/** Errors that the person has to solve at Microsoft, for example with a second factor or a new password. */
const PERSON_ACTS = alike({
  error: "invalid_grant",
  redirectError: "interaction_required",
  suberror: "basic_action",
  stages: ["authorization", "refresh"],
}, {
  AADSTS50072: [
    "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access '{resource}'.",
    "The organisation has begun to demand a second factor, and the person has none yet.",
  ],
  AADSTS50076: [
    "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '{resource}'.",
    "The organisation has begun to demand a second factor, and the sign-in of earlier had none.",
  ],
  AADSTS50079: [
    "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access '{resource}'.",
    "The person has to register for a second factor first.",
  ],
  AADSTS50097: [
    "Device authentication is required.",
    "The organisation wants to know the device that signs in.",
    { suberror: "additional_action" },
  ],
  AADSTS50125: [
    "Sign-in was interrupted due to a password reset or password registration entry.",
    "The person has to set a new password at Microsoft first.",
  ],
  AADSTS50144: [
    "User's Active Directory password has expired.",
    "The person's password has run out: it has to be changed at work first.",
    { suberror: undefined },
  ],
  AADSTS50158: [
    "External security challenge not satisfied. User will be redirected to another page or authentication provider to satisfy additional authentication challenges.",
    "Another company's second factor is demanded, and was not given.",
  ],
  AADSTS53004: [
    "User needs to complete multi-factor authentication registration process before accessing this content.",
    "The person has to register for a second factor first, and may not at the moment.",
  ],
  AADSTS70046: [
    "The session has expired or is invalid due to re-authentication checks by conditional access.",
    "The organisation wants people to sign in again after some hours.",
    { healedBy: "sign-in" },
  ],
});

/** The refresh token or the code is not valid any longer: only a new sign-in helps. */
const DEAD_GRANTS = alike({
  error: "invalid_grant",
  stages: ["refresh"],
  healedBy: "sign-in",
}, {
  AADSTS50173: [
    "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.",
    "The person changed the password, or somebody revoked the person's sign-ins.",
    { suberror: "bad_token" },
  ],
  AADSTS54005: [
    "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
    "The same code was used twice, for example by reloading a page.",
    { stages: ["redemption"] },
  ],
  AADSTS70000: [
    "Provided grant is invalid or malformed. The user account could be in service abuse mode.",
    "The token is damaged, or Microsoft has put a personal account into abuse mode.",
  ],
  AADSTS70008: [
    "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
    "The token was not used for too long.",
    { suberror: "token_expired" },
  ],
  AADSTS70043: [
    "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.",
    "The organisation wants people to sign in again every so often.",
    { suberror: "bad_token" },
  ],
  AADSTS700082: [
    "The refresh token has expired due to inactivity. The token was inactive for 90.00:00:00.",
    "The token was not used for 90 days.",
    { suberror: "token_expired" },
  ],
});

/** Somebody has to allow the application. */
const CONSENT = alike({
  error: "invalid_grant",
  redirectError: "access_denied",
  stages: ["authorization", "refresh"],
  healedBy: "admin-consent",
}, {
  AADSTS65001: [
    "The user or administrator has not consented to use the application with ID '{application}' named '{name}'. Send an interactive authorization request for this user and resource.",
    "Nobody has allowed the application, or an administrator has taken the consent back.",
    { redirectError: "consent_required", suberror: "consent_required" },
  ],
  AADSTS65004: [
    "User declined to consent to access the app.",
    "The person pressed Cancel.",
    { stages: ["authorization"], healedBy: undefined },
  ],
  AADSTS90093: [
    "{name} is requesting one or more permissions that you are not authorized to grant. Contact an administrator, who can consent to this application on your behalf.",
    "Only an administrator may allow this application.",
  ],
  AADSTS90094: [
    "The grant requires admin permission.",
    "The organisation lets only its administrators allow applications.",
  ],
  AADSTS90095: [
    "Admin consent is required for the permissions requested by this application. An admin consent request may be sent to the admin.",
    "Only an administrator may allow this application; the person can send a request.",
  ],
  AADSTS90099: [
    "The application '{application}' ({name}) has not been authorized in the tenant '{tenant}'. Applications must be authorized to access the customer tenant before partner delegated administrators can use them.",
    "A partner's administrator has to be allowed by the customer first.",
  ],
});

/** The account does not fit, or is locked. */
const ACCOUNT = alike({
  error: "invalid_grant",
  redirectError: "access_denied",
  stages: ["authorization", "refresh"],
}, {
  AADSTS50020: [
    "User account '{account}' from identity provider does not exist in tenant '{tenant}' and cannot access the application '{application}'({name}) in that tenant. The account needs to be added as an external user in the tenant first. Sign out and sign in again with a different user account.",
    "The person belongs to another organisation, or has a personal account.",
    { stages: ["authorization"], onPage: true },
  ],
  AADSTS50034: [
    "The user account {account} does not exist in the {tenant} directory. To sign into this application, the account must be added to the directory.",
    "The name is no sign-in name, for example the mail address where both differ.",
    { stages: ["authorization"], onPage: true },
  ],
  AADSTS50053: [
    "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
    "Somebody tried wrong passwords, and Microsoft has locked the account for a while.",
  ],
  AADSTS50057: [
    "The user account is disabled.",
    "An administrator has disabled the account; that of a shared mailbox always is.",
  ],
  AADSTS90072: [
    "User account '{account}' from identity provider does not exist in tenant '{tenant}' and cannot access the application in that tenant. The account needs to be added as an external user in the tenant first.",
    "The person is a guest from elsewhere, whom the organisation does not know.",
  ],
});

/** The registration does not fit the organisation, or does not exist there. */
const REGISTRATION = alike({
  error: "invalid_request",
  stages: ["authorization", "refresh", "application"],
}, {
  AADSTS50011: [
    "The redirect URI '{redirect}' specified in the request does not match the redirect URIs configured for the application '{application}'.",
    "The address of the web pages is not entered at the app registration, letter for letter.",
    { stages: ["authorization"], onPage: true },
  ],
  AADSTS50128: [
    "Invalid domain name - No tenant-identifying information found in either the request or implied by any provided credentials.",
    "The organisation's domain is not registered at Microsoft.",
  ],
  AADSTS50194: [
    "Application '{application}'({name}) is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such applications. Use a tenant-specific endpoint or configure the application to be multi-tenant.",
    "The registration is for one organisation, and the general endpoint was asked.",
    { onPage: true },
  ],
  AADSTS65005: [
    "The application '{name}' asked for scope 'SMTP.Send' that doesn't exist on the resource.",
    "The registration asks for a permission that it does not list.",
    { error: "invalid_resource", onPage: true },
  ],
  AADSTS500011: [
    "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.",
    "The organisation has no Exchange Online.",
    { error: "invalid_resource" },
  ],
  AADSTS650057: [
    "Invalid resource. The client has requested access to a resource which is not listed in the requested permissions in the client's application registration. Client app ID: {application}({name}).",
    "The registration lacks the permission for Exchange Online.",
    { error: "invalid_resource" },
  ],
  AADSTS700016: [
    "Application with identifier '{application}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
    "The registration was deleted, or belongs to another organisation.",
    { error: "unauthorized_client", onPage: true },
  ],
  AADSTS7000112: [
    "Application '{application}'({name}) is disabled.",
    "An administrator, or Microsoft, has disabled the application.",
    { error: "unauthorized_client", onPage: true },
  ],
  AADSTS7000229: [
    "The client application {application} is missing service principal in the tenant {tenant}. See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119",
    "The organisation has not allowed the application, so it has no enterprise application there.",
    { error: "invalid_client", stages: ["refresh", "application"] },
  ],
  AADSTS90002: [
    "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
    "The organisation's id or domain is mistyped.",
    { onPage: true },
  ],
  AADSTS9002332: [
    "Application '{application}'({name}) is configured for use by Azure Active Directory users only. Please do not use the /consumers endpoint to serve this request.",
    "The registration is for work accounts, and the endpoint of personal accounts was asked.",
    { onPage: true },
  ],
  AADSTS9002346: [
    "Application '{application}'({name}) is configured for use by Microsoft Account users only. Please use the /consumers endpoint to serve this request.",
    "The registration is for personal accounts, and another endpoint was asked.",
    { onPage: true },
  ],
});

/** The application could not authenticate itself. */
const CLIENT_AUTHENTICATION = alike({ error: "invalid_client", stages: ALL_TOKENS }, {
  AADSTS50027: ["JWT token is invalid or malformed.", "The client assertion is damaged."],
  AADSTS70002: ["Error validating credentials.", "The client secret is wrong."],
  AADSTS700021: [
    "Client assertion application identifier doesn't match 'client_id' parameter.",
    "The assertion was made for another registration.",
  ],
  AADSTS700023: [
    "Client assertion audience claim does not match Realm issuer.",
    "The assertion was made for another endpoint.",
  ],
  AADSTS700024: [
    "Client assertion is not within its valid time range.",
    "The clocks differ, or the assertion is meant to live for too long.",
  ],
  AADSTS700025: [
    "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    "The registration is a public client, and must not send a secret.",
  ],
  AADSTS700027: [
    "Client assertion failed signature validation. [Reason - {reason}, Thumbprint of key used by client: '{thumbprint}']",
    "The certificate is not entered at the registration, or has expired there.",
  ],
  AADSTS700211: [
    "No matching federated identity record found for presented assertion issuer '{issuer}'.",
    "The registration does not trust the platform that the token file comes from.",
  ],
  AADSTS700212: [
    "No matching federated identity record found for presented assertion audience '{audience}'.",
    "The token file was made for another audience.",
  ],
  AADSTS700213: [
    "No matching federated identity record found for presented assertion subject '{subject}'.",
    "The token file belongs to another workload.",
  ],
  AADSTS7000215: [
    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{application}'.",
    "The client secret is wrong; often its ID was copied in place of its value.",
  ],
  AADSTS7000218: [
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    "No secret was sent, and the registration is not a public client.",
  ],
  AADSTS7000222: [
    "The provided client secret keys for app '{application}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.",
    "The client secret has reached its end date.",
  ],
});

/** The request itself is wrong. */
const REQUESTS = alike({ error: "invalid_request", stages: ALL_TOKENS }, {
  AADSTS50058: [
    "A silent sign-in request was sent but no user is signed in.",
    "A silent sign-in was tried, and the browser has no session at Microsoft.",
    { error: "login_required", stages: ["authorization"] },
  ],
  AADSTS50059: [
    "No tenant-identifying information found in either the request or implied by any provided credentials.",
    "A token for an application was asked of a general endpoint, not of the organisation's own.",
    { stages: ["application"] },
  ],
  AADSTS70003: [
    "The app requested an unsupported grant type.",
    "The program asks in a way that is not offered.",
    { error: "unsupported_grant_type" },
  ],
  AADSTS70011: [
    "The provided value for the input parameter 'scope' is not valid.",
    "The program asks for a permission that does not exist.",
    { error: "invalid_scope" },
  ],
  AADSTS70016: [
    "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
    "The person has not entered the code yet.",
    { error: "authorization_pending", stages: ["redemption"] },
  ],
  AADSTS1002012: [
    "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).",
    "A token for an application was asked with the scope of a person.",
    { error: "invalid_scope", stages: ["application"] },
  ],
  AADSTS90019: [
    "No tenant-identifying information found in either the request or implied by any provided credentials.",
    "The request does not say whose organisation is meant.",
  ],
  AADSTS900144: [
    "The request body must contain the following parameter: '{parameter}'.",
    "The program forgot something in its request, or asks the wrong kind of endpoint.",
    { stages: ["authorization", "refresh"] },
  ],
});

/** Temporary failures of Microsoft. */
const PASSING = alike({
  error: "temporarily_unavailable",
  stages: ["authorization", "redemption", "refresh", "application"],
}, {
  AADSTS90033: [
    "A transient error has occurred. Please try again.",
    "Microsoft's directory is not available at the moment.",
  ],
});

/** All errors that the simulation knows. */
export const IDENTITY_ERRORS = {
  ...CONDITIONAL_ACCESS,
  ...PERSON_ACTS,
  ...DEAD_GRANTS,
  ...CONSENT,
  ...ACCOUNT,
  ...REGISTRATION,
  ...CLIENT_AUTHENTICATION,
  ...REQUESTS,
  ...PASSING,
};

/** A code of Microsoft's identity service that the simulator can answer with. */
export type AadstsCode = keyof typeof IDENTITY_ERRORS;

/** The JSON of a refused request, as Microsoft's token endpoint sends it. */
export interface MicrosoftErrorBody {
  readonly error: string;
  readonly error_description: string;
  readonly error_codes: readonly number[];
  readonly timestamp: string;
  readonly trace_id: string;
  readonly correlation_id: string;
  readonly error_uri: string;
  readonly suberror?: string;
}

/** Values for the placeholders of a text. */
export type ErrorValues = Readonly<Record<string, string>>;

/** Returns the JSON for an error code. */
export function errorBody(code: AadstsCode, values: ErrorValues = {}): MicrosoftErrorBody {
  const { error, text, suberror }: IdentityError = IDENTITY_ERRORS[code];
  const [traceId, correlationId] = [crypto.randomUUID(), crypto.randomUUID()];
  const timestamp = new Date().toISOString().slice(0, 19).replace("T", " ") + "Z";
  const number = code.slice("AADSTS".length);
  return {
    error,
    error_description: `${code}: ${fill(text, values)} Trace ID: ${traceId} ` +
      `Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [Number(number)],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${number}`,
    ...(suberror && { suberror }),
  };
}

/** Returns the parameters of a redirect for an error code. Microsoft breaks the description into lines there. */
export function errorParameters(code: AadstsCode, values: ErrorValues = {}) {
  const { error, redirectError = error }: IdentityError = IDENTITY_ERRORS[code];
  const { error_description, error_uri } = errorBody(code, values);
  return {
    error: redirectError,
    error_description: error_description.replaceAll(
      / (?=(?:Trace ID|Correlation ID|Timestamp): )/g,
      "\r\n",
    ),
    error_uri,
  };
}

/** Thrown if a request is refused with one of Microsoft's error codes. */
export class RefusedRequest extends Error {
  override readonly name = "RefusedRequest";

  constructor(readonly code: AadstsCode, readonly values: ErrorValues = {}) {
    super(errorBody(code, values).error_description);
  }
}

/** Microsoft's error codes for the provider's own errors. The first matching row counts. */
const TRANSLATIONS: readonly (readonly [error: RegExp, detail: RegExp, code: AadstsCode])[] = [
  [/^invalid_client$/, /./, "AADSTS700016"],
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
  [/^invalid_scope$/, /./, "AADSTS70011"],
  [/^invalid_request$/, /./, "AADSTS900144"],
];

/** Translates an error of oidc-provider into Microsoft's error code; `undefined` if there is none. */
export function translateError(error: string, detail: string): AadstsCode | undefined {
  const row = TRANSLATIONS.find(([pattern, details]) =>
    pattern.test(error) && details.test(detail)
  );
  return row?.[2];
}

function fill(text: string, values: ErrorValues): string {
  return text.replaceAll(/\{(\w+)\}/g, (_match, name: string) => values[name] ?? name);
}

/**
 * Microsoft's identity service: OAuth 2.0 and OpenID Connect, and its errors.
 *
 * @module
 */
export { readAdminConsent } from "./admin_consent.ts";
export { readApplicationClaims, SEND_AS_APP } from "./application_claims.ts";
export { MicrosoftError, type MicrosoftFailure, missingRegistration, temporary } from "./errors.ts";
export { accountKind, admitsTenant, isGuid, PERSONAL_TENANT_ID } from "./issuer.ts";
export {
  type AdminConsentRequest,
  type AuthorizationRequest,
  Microsoft,
  type RefreshedTokens,
  type RegistrationStatus,
  type SignedIn,
} from "./microsoft.ts";
export { endOf } from "./registration_end.ts";

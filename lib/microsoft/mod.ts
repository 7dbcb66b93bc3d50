/**
 * Microsoft's identity service: OAuth 2.0 and OpenID Connect, and its errors.
 *
 * @module
 */
export { MicrosoftError, type MicrosoftFailure, missingRegistration } from "./errors.ts";
export { isGuid, PERSONAL_TENANT_ID } from "./issuer.ts";
export {
  type AuthorizationRequest,
  Microsoft,
  type RefreshedTokens,
  type SignedIn,
} from "./microsoft.ts";

/**
 * The discovery document (OpenID Connect Discovery 1.0) in Microsoft's form.
 *
 * @module
 */
import { issuerOf } from "../people.ts";

/**
 * Returns the description of a tenant's endpoints.
 *
 * @param authority Base address, without a slash at the end.
 * @param tenant As in the request's path.
 */
export function discoveryDocument(authority: string, tenant: string) {
  const endpoints = `${authority}/${tenant}/oauth2/v2.0`;
  return {
    token_endpoint: `${endpoints}/token`,
    token_endpoint_auth_methods_supported: [
      "client_secret_post",
      "private_key_jwt",
      "client_secret_basic",
    ],
    jwks_uri: `${authority}/${tenant}/discovery/v2.0/keys`,
    response_modes_supported: ["query", "fragment", "form_post"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code"],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    issuer: issuerOf(authority, tenant),
    request_uri_parameter_supported: false,
    authorization_endpoint: `${endpoints}/authorize`,
    device_authorization_endpoint: `${endpoints}/devicecode`,
    end_session_endpoint: `${endpoints}/logout`,
    claims_supported: [
      "sub",
      "iss",
      "aud",
      "exp",
      "iat",
      "nonce",
      "name",
      "tid",
      "oid",
      "ver",
      "preferred_username",
      "email",
    ],
  };
}

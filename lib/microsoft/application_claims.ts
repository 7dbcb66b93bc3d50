/**
 * The claims of an application's access token: they are read to help administrators, never to decide anything.
 *
 * @module
 */

/** The application permission to send by SMTP for any mailbox that the application may open. */
export const SEND_AS_APP = "SMTP.SendAsApp";

/** Facts about an application in one organisation. */
export interface ApplicationClaims {
  /** The object id of the service principal (enterprise application): claim `oid`. Exchange Online wants this one. */
  readonly servicePrincipalId?: string;
  /** Whether an administrator has consented to {@linkcode SEND_AS_APP}: claim `roles`. */
  readonly maySend: boolean;
}

/**
 * Reads the claims, unverified. Access tokens are opaque to clients (RFC 6749 section 1.4).
 *
 * @returns `undefined` for a token in another form than today's.
 */
export function readApplicationClaims(accessToken: string): ApplicationClaims | undefined {
  const claims = payloadOf(accessToken);
  if (!claims) return undefined;
  const { oid, roles } = claims;
  return {
    servicePrincipalId: typeof oid === "string" ? oid : undefined,
    maySend: Array.isArray(roles) && roles.includes(SEND_AS_APP),
  };
}

function payloadOf(jwt: string): Record<string, unknown> | undefined {
  try {
    const octets = Uint8Array.fromBase64(jwt.split(".")[1] ?? "", { alphabet: "base64url" });
    const claims = JSON.parse(new TextDecoder().decode(octets));
    return typeof claims === "object" && claims !== null ? claims : undefined;
  } catch {
    return undefined; // No JWT.
  }
}

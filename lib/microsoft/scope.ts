/**
 * What we ask permission for.
 *
 * @module
 */

const PUBLIC_CLOUD = "https://outlook.office.com";

/** The mail service of national clouds, by the host of their identity service. */
const NATIONAL_CLOUDS: Readonly<Record<string, string>> = {
  "login.microsoftonline.us": "https://outlook.office365.us",
  "login.partner.microsoftonline.cn": "https://partner.outlook.cn",
  "login.chinacloudapi.cn": "https://partner.outlook.cn",
};

/** Scope of a sign-in: an identity, a refresh token, and sending. */
export function signInScope(authority: URL): string {
  return `openid profile email ${refreshScope(authority)}`;
}

/** Scope of a refresh. It needs no identity: who it is was settled at the sign-in. */
export function refreshScope(authority: URL): string {
  return `offline_access ${NATIONAL_CLOUDS[authority.hostname] ?? PUBLIC_CLOUD}/SMTP.Send`;
}

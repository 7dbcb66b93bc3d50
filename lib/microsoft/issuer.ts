/**
 * The issuer that a token has to name. Microsoft's metadata for several tenants say `{tenantid}`, its tokens name the tenant.
 *
 * @module
 */
import type { AccountKind } from "../explain/mod.ts";
import { incompleteAnswer } from "./errors.ts";

/** The tenant of all personal accounts. */
export const PERSONAL_TENANT_ID = "9188040d-6c67-4c5b-b112-36a304b66dad";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const PLACEHOLDER = "{tenantid}";

/** The tenants that a sign-in address for several of them lets in. */
const TENANT_GROUPS: Readonly<Record<string, (tenantId: string) => boolean>> = {
  common: () => true,
  consumers: (tenantId) => tenantId === PERSONAL_TENANT_ID,
  organizations: (tenantId) => tenantId !== PERSONAL_TENANT_ID,
};

/** Whether a configured tenant stands for several: `common`, `consumers` or `organizations`. */
export function isTenantGroup(tenant: string): boolean {
  return Object.hasOwn(TENANT_GROUPS, tenant.toLowerCase());
}

/** Whether a configured tenant is one organisation. */
export function isOrganisation(tenant: string): boolean {
  return !isTenantGroup(tenant) && tenant.toLowerCase() !== PERSONAL_TENANT_ID;
}

/** Tells the kind of an account. @param account `appOnly`: whether nobody signs in to it. */
export function accountKind(
  { tenantId, appOnly }: { readonly tenantId: string; readonly appOnly?: boolean },
): AccountKind {
  if (appOnly) return "mailbox";
  return tenantId === PERSONAL_TENANT_ID ? "personal" : "work";
}

/** Whether the claim is a GUID as Microsoft writes it. */
export function isGuid(claim: unknown): claim is string {
  return typeof claim === "string" && GUID.test(claim);
}

/**
 * Returns the `iss` that a token with this `tid` has to show.
 *
 * @param tenant The tenant: a group, a GUID, or a domain where the metadata do not tell its GUID (then any tenant that the
 * domain's own keys have signed for).
 * @returns A value that no issuer has, when the tenant is not one that may sign in here.
 * @throws {MicrosoftError} `registration` when there is no tid.
 */
export function expectedIssuer(authority: URL, tenant: string, tid: unknown): string {
  if (tid === undefined) throw incompleteAnswer("no_tenant", "tenant id", "profile");
  const admitted = isGuid(tid) && admitsTenant(tenant, tid);
  return admitted ? issuerOf(authority, tid) : "";
}

/** Whether metadata may name this issuer. */
export function isIssuerOf(issuer: string, authority: URL, tenant: string): boolean {
  const name = tenantOf(issuer, authority);
  return issuer === issuerOf(authority, name) &&
    (name === PLACEHOLDER || name === tenant || isGuid(name));
}

/** Returns the id of a tenant that was configured by its domain, as the issuer of its metadata names it, else the tenant. */
export function resolveTenant(tenant: string, issuer: string, authority: URL): string {
  const name = tenantOf(issuer, authority);
  return isGuid(name) && !isTenantGroup(tenant) ? name : tenant;
}

function tenantOf(issuer: string, authority: URL): string {
  const [before = "", after = ""] = issuerOf(authority, "\0").split("\0");
  return issuer.slice(before.length, issuer.length - after.length);
}

/** Whether accounts of a tenant may sign in. @param tenant The configured one; of a domain, the id is not known. */
export function admitsTenant(tenant: string, tenantId: string): boolean {
  const wanted = tenant.toLowerCase();
  const group = TENANT_GROUPS[wanted];
  if (group) return group(tenantId);
  return isGuid(wanted) ? wanted === tenantId : tenantId !== PERSONAL_TENANT_ID;
}

/** Whether an authorization response may name this issuer (RFC 9207 section 2.4): that of a tenant that may sign in here. */
export function isAdmittedIssuer(issuer: string, authority: URL, tenant: string): boolean {
  if (!isIssuerOf(issuer, authority, tenant)) return false;
  const name = issuer.split("/").at(-2)!;
  return !isGuid(name) || admitsTenant(tenant, name);
}

/** Returns the issuer of a tenant or a group of them; its metadata and its endpoints lie below that address. */
export function issuerOf(authority: URL, tenant: string): string {
  return `${authority.href.replace(/\/+$/, "")}/${tenant}/v2.0`;
}

/**
 * The people who can sign in to the simulated Microsoft, and the tenants they belong to.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** The tenant of all personal accounts, as at Microsoft. */
export const PERSONAL_TENANT_ID = "9188040d-6c67-4c5b-b112-36a304b66dad";

/** Domains whose addresses are personal accounts; every other domain is an organisation of its own. */
const PERSONAL_DOMAINS = /@(outlook|hotmail|live|msn)\./i;

/** Someone with a mailbox. */
export interface Person {
  readonly name: string;
  /** The address of the mailbox; also the name the person signs in with. */
  readonly address: string;
  /** `tid` of the id_token. */
  readonly tenantId: string;
  /** `oid` of the id_token: together with `tid` it identifies the account. */
  readonly objectId: string;
}

/** What the sign-in page offers at first. */
export const SIMULATED_PEOPLE: readonly Person[] = [
  person("nora@outlook.example", "Nora Lindqvist"),
  person("juergen.weiss@hotmail.example", "Jürgen Weiß"),
  person("office@contoso.example", "Contoso Front Office"),
  person("amara@fabrikam.example", "Amara Okafor"),
];

/** A person with identifiers that follow from the address: the same at each start. */
export function person(address: string, name = address.split("@")[0] ?? address): Person {
  const domain = address.slice(address.lastIndexOf("@") + 1).toLowerCase();
  return {
    name,
    address,
    tenantId: PERSONAL_DOMAINS.test(address) ? PERSONAL_TENANT_ID : identifier(`tenant ${domain}`),
    objectId: identifier(`person ${address.toLowerCase()}`),
  };
}

/**
 * Whether someone may sign in at a tenant's endpoints.
 *
 * @param tenant `consumers`, `organizations`, `common`, a tenant's id or its domain.
 */
export function belongsTo({ tenantId, address }: Person, tenant: string): boolean {
  switch (tenant) {
    case "common":
      return true;
    case "consumers":
      return tenantId === PERSONAL_TENANT_ID;
    case "organizations":
      return tenantId !== PERSONAL_TENANT_ID;
    default:
      return tenant === tenantId || address.toLowerCase().endsWith(`@${tenant.toLowerCase()}`);
  }
}

/** The issuer that discovery shows for a tenant: a literal `{tenantid}` where only the id_token can tell. */
export function issuerOf(authority: string, tenant: string): string {
  return `${authority}/${issuingTenant(tenant)}/v2.0`;
}

function issuingTenant(tenant: string): string {
  switch (tenant) {
    case "common":
    case "organizations":
      return "{tenantid}";
    case "consumers":
      return PERSONAL_TENANT_ID;
    default:
      return tenant.includes(".") ? identifier(`tenant ${tenant.toLowerCase()}`) : tenant;
  }
}

/** A GUID made from a text. */
function identifier(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ]
    .join("-");
}

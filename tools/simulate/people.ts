/**
 * The people who can sign in to the simulated Microsoft, and the organisations they belong to.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** The tenant of all personal accounts, as at Microsoft. */
export const PERSONAL_TENANT_ID = "9188040d-6c67-4c5b-b112-36a304b66dad";

/** The domains of personal accounts. Every other domain belongs to an organisation. */
const PERSONAL_DOMAINS = /@(outlook|hotmail|live|msn)\./i;

/** An organisation with work accounts: a tenant. */
export interface Organisation {
  readonly name: string;
  readonly tenantId: string;
  readonly domains: readonly string[];
}

/** Someone with an account and a mailbox. */
export interface Person {
  readonly name: string;
  /** The sign-in name: claim `preferred_username`, for work accounts the UPN. It is the user name for XOAUTH2. */
  readonly signInName: string;
  /** The mailbox's primary address: claim `email`. */
  readonly address: string;
  /** Other addresses of the mailbox. */
  readonly aliases: readonly string[];
  /** `tid` of the id_token. */
  readonly tenantId: string;
  /** `oid` of the id_token: together with `tid` it identifies the account. */
  readonly objectId: string;
  /** Whether the person may consent for the whole organisation. */
  readonly isAdministrator: boolean;
}

/** The organisations that exist at the start. A new domain creates a new one. */
export const SIMULATED_ORGANISATIONS: readonly Organisation[] = [
  organisation("Contoso", "contoso.example"),
  organisation("Fabrikam", "fabrikam.example", "fabrikam.onmicrosoft.example"),
];

/** A personal account with a primary address that differs from its sign-in name. */
export const ALIAS_PERSON: Person = {
  ...person("amelie.petit@hotmail.example", "Amélie Petit"),
  address: "amelie@outlook.example",
  aliases: ["amelie.petit@hotmail.example"],
};

/** A work account that signs in with a staff number, which is not an address of the mailbox. */
export const STAFF_NUMBER_PERSON: Person = {
  ...person("u4711@contoso.example", "Mira Novak"),
  address: "mira.novak@contoso.example",
  aliases: ["mira@contoso.example"],
};

/** A work account that signs in with a domain other than that of its mail address. */
export const OTHER_DOMAIN_PERSON: Person = {
  ...person("trivera@fabrikam.onmicrosoft.example", "Tomás Rivera"),
  address: "tomas.rivera@fabrikam.example",
};

/** The people that the sign-in page offers at the start. */
export const SIMULATED_PEOPLE: readonly Person[] = [
  person("nora@outlook.example", "Nora Lindqvist"),
  person("juergen.weiss@hotmail.example", "Jürgen Weiß"),
  ALIAS_PERSON,
  { ...person("office@contoso.example", "Contoso Front Office"), isAdministrator: true },
  STAFF_NUMBER_PERSON,
  { ...person("amara@fabrikam.example", "Amara Okafor"), isAdministrator: true },
  OTHER_DOMAIN_PERSON,
];

/** Creates a person. The identifiers are derived from the address, which is the sign-in name, too. */
export function person(address: string, name = address.split("@")[0] ?? address): Person {
  return {
    name,
    signInName: address,
    address,
    aliases: [],
    tenantId: tenantIdOf(address),
    objectId: identifier(`person ${address.toLowerCase()}`),
    isAdministrator: false,
  };
}

/** Returns the tenant of an address or a domain. */
export function tenantIdOf(addressOrDomain: string): string {
  const domain = addressOrDomain.slice(addressOrDomain.lastIndexOf("@") + 1).toLowerCase();
  if (PERSONAL_DOMAINS.test(`@${domain}`)) return PERSONAL_TENANT_ID;
  const known = SIMULATED_ORGANISATIONS.find(({ domains }) => domains.includes(domain));
  return known?.tenantId ?? organisation(domain, domain).tenantId;
}

/**
 * Returns true if a person may sign in at a tenant's endpoints.
 *
 * @param tenant `consumers`, `organizations`, `common`, a tenant's id or a domain of it.
 */
export function belongsTo({ tenantId }: Pick<Person, "tenantId">, tenant: string): boolean {
  switch (tenant) {
    case "common":
      return true;
    case "consumers":
      return tenantId === PERSONAL_TENANT_ID;
    case "organizations":
      return tenantId !== PERSONAL_TENANT_ID;
    default:
      return tenantId === fixedTenantId(tenant);
  }
}

/**
 * Returns the tenant id of endpoints; `undefined` for `common` and `organizations`.
 *
 * @param tenant As in the request's path.
 */
export function fixedTenantId(tenant: string): string | undefined {
  if (tenant === "common" || tenant === "organizations") return undefined;
  if (tenant === "consumers") return PERSONAL_TENANT_ID;
  return tenant.includes(".") ? tenantIdOf(tenant) : tenant.toLowerCase();
}

/** Returns the issuer in the discovery document, with a literal `{tenantid}` if it depends on the id_token. */
export function issuerOf(authority: string, tenant: string): string {
  return `${authority}/${fixedTenantId(tenant) ?? "{tenantid}"}/v2.0`;
}

/** Returns a GUID derived from a text, so that it is the same at each start. */
export function identifier(text: string): string {
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

function organisation(name: string, ...domains: [string, ...string[]]): Organisation {
  return { name, tenantId: identifier(`tenant ${domains[0]}`), domains };
}

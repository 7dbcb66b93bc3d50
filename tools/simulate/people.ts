/**
 * The people who can sign in to the simulated Microsoft, and the organisations they belong to.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** The tenant of all personal accounts, as at Microsoft. */
export const PERSONAL_TENANT_ID = "9188040d-6c67-4c5b-b112-36a304b66dad";

/** Domains whose addresses are personal accounts; every other domain belongs to an organisation. */
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
  /** The name the person signs in with: claim `preferred_username`, for work accounts the UPN. XOAUTH2 wants this one. */
  readonly signInName: string;
  /** The mailbox's primary address: claim `email`. */
  readonly address: string;
  /** Further addresses of the mailbox. */
  readonly aliases: readonly string[];
  /** `tid` of the id_token. */
  readonly tenantId: string;
  /** `oid` of the id_token: together with `tid` it identifies the account. */
  readonly objectId: string;
  /** Whether the person may consent for the whole organisation. */
  readonly isAdministrator: boolean;
}

/** The organisations that are there at the start; a new domain makes a new one. */
export const SIMULATED_ORGANISATIONS: readonly Organisation[] = [
  organisation("Contoso", "contoso.example"),
  organisation("Fabrikam", "fabrikam.example", "fabrikam.onmicrosoft.example"),
];

/** A personal account whose primary address is an alias of the name it signs in with. */
export const ALIAS_PERSON: Person = {
  ...person("amelie.petit@hotmail.example", "Amélie Petit"),
  address: "amelie@outlook.example",
  aliases: ["amelie.petit@hotmail.example"],
};

/** A work account that signs in with a staff number: it is no address of the mailbox. */
export const STAFF_NUMBER_PERSON: Person = {
  ...person("u4711@contoso.example", "Mira Novak"),
  address: "mira.novak@contoso.example",
  aliases: ["mira@contoso.example"],
};

/** A work account that signs in with another domain than that of its mail. */
export const OTHER_DOMAIN_PERSON: Person = {
  ...person("trivera@fabrikam.onmicrosoft.example", "Tomás Rivera"),
  address: "tomas.rivera@fabrikam.example",
};

/** The people whom the sign-in page offers at first. */
export const SIMULATED_PEOPLE: readonly Person[] = [
  person("nora@outlook.example", "Nora Lindqvist"),
  person("juergen.weiss@hotmail.example", "Jürgen Weiß"),
  ALIAS_PERSON,
  { ...person("office@contoso.example", "Contoso Front Office"), isAdministrator: true },
  STAFF_NUMBER_PERSON,
  { ...person("amara@fabrikam.example", "Amara Okafor"), isAdministrator: true },
  OTHER_DOMAIN_PERSON,
];

/** A person with identifiers that follow from the name to sign in with, which is the address as well. */
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

/** The tenant that an address or a domain belongs to. */
export function tenantIdOf(addressOrDomain: string): string {
  const domain = addressOrDomain.slice(addressOrDomain.lastIndexOf("@") + 1).toLowerCase();
  if (PERSONAL_DOMAINS.test(`@${domain}`)) return PERSONAL_TENANT_ID;
  const known = SIMULATED_ORGANISATIONS.find(({ domains }) => domains.includes(domain));
  return known?.tenantId ?? organisation(domain, domain).tenantId;
}

/**
 * Whether someone may sign in at a tenant's endpoints.
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
 * The one tenant whose endpoints these are; `undefined` for `common` and `organizations`.
 *
 * @param tenant As in the request's path.
 */
export function fixedTenantId(tenant: string): string | undefined {
  if (tenant === "common" || tenant === "organizations") return undefined;
  if (tenant === "consumers") return PERSONAL_TENANT_ID;
  return tenant.includes(".") ? tenantIdOf(tenant) : tenant.toLowerCase();
}

/** The issuer that discovery shows for a tenant: a literal `{tenantid}` where only the id_token can tell. */
export function issuerOf(authority: string, tenant: string): string {
  return `${authority}/${fixedTenantId(tenant) ?? "{tenantid}"}/v2.0`;
}

/** A GUID made from a text: the same at each start. */
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

/**
 * The app registrations at the simulated Microsoft.
 *
 * @module
 */
import { isLoopbackHost } from "../../../lib/base/mod.ts";
import { fixedTenantId, type Person, PERSONAL_TENANT_ID, tenantIdOf } from "../people.ts";
import type { AadstsCode } from "../troubles/microsoft_errors.ts";

/** A client secret. Several can be good at the same time, so that they can be exchanged without a pause. */
export interface ClientSecret {
  readonly value: string;
  /** When it ends, milliseconds since 1970; absent: never. */
  readonly endsAtMs?: number;
}

/** A workload elsewhere whose tokens stand for a secret. */
export interface FederatedCredential {
  /** The issuer of the workload's tokens: claim `iss`. */
  readonly issuer: string;
  /** The workload: claim `sub`. */
  readonly subject: string;
  /** The issuer's public key, for RS256. */
  readonly key: JsonWebKey;
}

/** An app registration. */
export interface Application {
  /** Client id. */
  readonly id: string;
  readonly name: string;
  /** The accounts that may sign in: all, personal or work accounts only, or those of one organisation. */
  readonly audience: "everyone" | "personal" | "work" | { readonly tenantId: string };
  /** Whether it has nothing to prove itself with: PKCE (RFC 7636) alone has to do. */
  readonly isPublic: boolean;
  readonly secrets: readonly ClientSecret[];
  /** X.509 certificates in PEM, for `private_key_jwt` (RFC 7523). */
  readonly certificates: readonly string[];
  readonly federatedCredentials: readonly FederatedCredential[];
  /** Exact redirect URIs; absent: any on this machine. */
  readonly redirectUris?: readonly string[];
  /** Whether it asks for the application permission `SMTP.SendAsApp`. */
  readonly asksToSendAsApp: boolean;
  /** Ids of the tenants whose administrators have consented to that. */
  readonly sendAsAppTenants: readonly string[];
  /** Members that Microsoft leaves out, for lack of a permission or of an optional claim. */
  readonly omits: readonly ("refresh_token" | "email" | "preferred_username" | "oid" | "tid")[];
}

/** Makes a registration; what is not given is as for one with nothing but a name. */
export function application(
  fields: Pick<Application, "id" | "name"> & Partial<Application>,
): Application {
  return {
    audience: "everyone",
    isPublic: false,
    secrets: [],
    certificates: [],
    federatedCredentials: [],
    asksToSendAsApp: false,
    sendAsAppTenants: [],
    omits: [],
    ...fields,
  };
}

const DEMO_SECRET = "simulated-client-secret";
const CONTOSO = tenantIdOf("contoso.example");

/** The registration that people sign in with where nothing else is said. */
export const DEMO_APPLICATION: Application & { readonly secret: string } = {
  ...application({
    id: "11111111-2222-4333-8444-555555555555",
    name: "Mail for my devices",
    secrets: [{ value: DEMO_SECRET }],
  }),
  secret: DEMO_SECRET,
};

/** A registration of Contoso's that sends without anybody signing in. */
export const OFFICE_APPLICATION: Application & { readonly secret: string } = {
  ...application({
    id: "22222222-3333-4444-8555-666666666666",
    name: "Contoso's printers",
    audience: { tenantId: CONTOSO },
    secrets: [{ value: "simulated-office-secret" }],
    asksToSendAsApp: true,
    sendAsAppTenants: [CONTOSO],
  }),
  secret: "simulated-office-secret",
};

/** A registration without a secret. */
export const PUBLIC_APPLICATION: Application = application({
  id: "33333333-4444-4555-8666-777777777777",
  name: "Mail without a secret",
  isPublic: true,
});

/** All registrations; each can be changed at any time. */
export class Applications {
  readonly #byId: Map<string, Application>;

  constructor(
    list: readonly Application[] = [DEMO_APPLICATION, OFFICE_APPLICATION, PUBLIC_APPLICATION],
  ) {
    this.#byId = new Map(list.map((one) => [one.id, one]));
  }

  get list(): readonly Application[] {
    return [...this.#byId.values()];
  }

  get(id: string): Application | undefined {
    return this.#byId.get(id);
  }

  /** Changes a registration: exchanges secrets, adds a certificate … @throws when there is none with that id. */
  update(id: string, changes: Partial<Application>): Application {
    const known = this.#byId.get(id);
    if (!known) throw new Error(`There is no registration ${id}: give it to the simulation first.`);
    const changed = { ...known, ...changes };
    this.#byId.set(id, changed);
    return changed;
  }
}

/**
 * Why a registration cannot be used at a tenant's endpoints, if so.
 *
 * @param tenant As in the request's path.
 */
export function endpointProblem({ audience }: Application, tenant: string): AadstsCode | undefined {
  const tenantId = fixedTenantId(tenant);
  if (audience === "everyone") return undefined;
  if (audience === "personal") {
    return tenantId === PERSONAL_TENANT_ID ? undefined : "AADSTS9002346";
  }
  if (audience === "work") return tenantId === PERSONAL_TENANT_ID ? "AADSTS9002332" : undefined;
  if (tenantId === undefined) return "AADSTS50194";
  return tenantId === audience.tenantId ? undefined : "AADSTS700016";
}

/** Whether a registration is meant for someone's kind of account. */
export function isMeantFor({ audience }: Application, { tenantId }: Person): boolean {
  const isPersonal = tenantId === PERSONAL_TENANT_ID;
  if (typeof audience === "object") return audience.tenantId === tenantId;
  return audience === "everyone" || (audience === "personal") === isPersonal;
}

/** Whether the browser may be sent to an address. Microsoft, too, ignores the port of localhost (RFC 8252 section 7.3). */
export function mayRedirectTo({ redirectUris }: Application, uri: string): boolean {
  if (redirectUris) return redirectUris.includes(uri);
  return URL.canParse(uri) && isLoopbackHost(new URL(uri).hostname);
}
